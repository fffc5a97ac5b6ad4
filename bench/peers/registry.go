package peers

import (
	"fmt"
	"slices"

	"lowrank/kernel"
)

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
