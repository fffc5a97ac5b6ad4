package peers

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"lowrank/kernel"
)

// programs are the peers in other languages and what they share.
//
//go:embed programs
var programs embed.FS

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

// registry lists the peers in the order of the tables.
func registry() []Peer {
	var peers []Peer
	for _, b := range kernel.Backends() {
		peers = append(peers, backend(b))
	}
	return append(peers,
		python("numpy", "NumPy", "numpy_peer.py", "numpy"),
		python("scipy", "SciPy's BLAS: symm, gemm, symv, gemv", "scipy_peer.py", "scipy", "numpy"),
		python("torch", "PyTorch on the CPU", "torch_peer.py", "torch", "numpy"),
		octave(),
		eigen(),
		cblasInstalled("c-openblas", "C on OpenBLAS", "libopenblas"),
		cblasInstalled("c-blis", "C on BLIS", "libblis"),
		cblasInstalled("c-mkl", "C on MKL", "libmkl_rt"),
	)
}

// Peers lists the registry and the libraries of the host, each with a name of its
// own. A library takes the place of the one that would be found under its name where
// the user says so, or both are one file.
func Peers(h *Host) ([]Peer, error) {
	list := registry()
	at := func(name string) int {
		return slices.IndexFunc(list, func(other Peer) bool { return other.Name == name })
	}
	for _, arg := range h.CBLAS {
		p, derived, err := cblasNamed(arg)
		if err != nil {
			return nil, err
		}
		i := at(p.Name)
		if i < 0 {
			list = append(list, p)
			continue
		}
		installed := list[i].library != "" && !list[i].ByUser
		switch {
		case installed && (!derived || list[i].is(p.library)):
			list[i] = p
		case derived:
			for p.Name = range otherNames(p.Name, p.library) {
				if at(p.Name) < 0 {
					break
				}
			}
			list = append(list, p)
		default:
			return nil, fmt.Errorf("the name %s of %q is taken; expected another one before the path, NAME=PATH", p.Name, arg)
		}
	}
	return list, nil
}

// is says whether the file that is looked for first is that of a path.
func (p Peer) is(path string) bool {
	paths := findLibrary(p.library)
	return len(paths) > 0 && sameFile(paths[0], path)
}

// Names lists peers by name.
func Names(peers []Peer) []string {
	var names []string
	for _, p := range peers {
		names = append(names, p.Name)
	}
	return names
}

// unpack writes the programs to dir.
func unpack(dir string) error {
	entries, err := programs.ReadDir("programs")
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := programs.ReadFile("programs/" + e.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// makePeers ends the sentence about what is lacking.
const makePeers = "make peers installs it on Debian"
