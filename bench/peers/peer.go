package peers

import "context"

// Base is the peer that all others are compared with. It is always there.
const Base = "native"

// Peer is a program that may be there.
type Peer struct {
	Name string
	What string // a line of help
	// find is the program of a peer that is there; the error says what is lacking.
	find func(ctx context.Context, h *Host) (program, error)
	// asIs leaves the peer as its user gets it: on all threads, nothing tried.
	asIs bool
	// copies of Σ are in memory while it is loaded, where that is more than one.
	copies int
	// library is the path of the one that the user named, or the name of one that is
	// looked for; empty for other peers.
	library string
	// ByUser is a library that the user named.
	ByUser bool
}

// program is how a peer is started.
type program struct {
	// build makes it ready to run in a directory that holds programs; nil when
	// there is nothing to do.
	build func(ctx context.Context, dir, dtype string) error
	// args stand before those of the protocol; {dir} in them is the directory.
	args []string
	// libraries are arguments that stand after those of the protocol, of which the
	// first is taken with which the peer starts; nil for none.
	libraries []string
}

// Host is where peers are looked for.
type Host struct {
	// Self starts this program as a peer of one of its backends, whose name
	// follows.
	Self []string
	// Python is the interpreter; empty for the first one that has the packages.
	Python string
	// CBLAS are further libraries, NAME=PATH or PATH.
	CBLAS []string
}

// makePeers ends the sentence about what is lacking.
const makePeers = "make peers installs it on Debian"
