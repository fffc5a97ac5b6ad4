package peers

import (
	"context"
	"errors"
)

func octave() Peer {
	return Peer{Name: "octave", What: "Octave", copies: 2, find: func(context.Context, *Host) (program, error) {
		path, err := lookPath("octave-cli")
		if err != nil {
			return program{}, errors.New("needs octave-cli; " + makePeers)
		}
		return program{args: []string{path, "--norc", "--quiet", "--no-history", "{dir}/octave_peer.m"}}, nil
	}}
}
