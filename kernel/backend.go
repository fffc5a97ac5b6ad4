package kernel

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/blas"
)

// Implementation is a BLAS of both real types, as gonum defines it.
type Implementation interface {
	blas.Float64
	blas.Float32
}

// Fact is one line of what a backend tells about itself.
type Fact struct{ Name, Value string }

// Backend is one entry of the table from which a BLAS is picked. Backends
// register themselves when their package is imported; this package imports
// none of them.
type Backend struct {
	Name string
	// Rank orders backends where nobody chooses: the highest one that is
	// compiled in is picked.
	Rank int
	// HowToBuild is empty for a backend that is compiled in. Otherwise it
	// says how to build with it, and Open and Facts are nil.
	HowToBuild string
	// Open returns the implementation, set to run on that many threads.
	Open func(threads int) Implementation
	// Facts describes the opened implementation: row, block sizes, core.
	Facts func() []Fact
	// ThreadsInUse is the number that the library beneath took at Open; nil when
	// it is the number asked for.
	ThreadsInUse func() int
	// ThreadsItself says that a library beneath decides how the work is split
	// over threads, so that results may depend on their number.
	ThreadsItself bool
}

var backends struct {
	sync.Mutex
	list []Backend
}

// Register adds a backend to the table. A name may be registered once.
func Register(b Backend) {
	backends.Lock()
	defer backends.Unlock()
	for _, have := range backends.list {
		if have.Name == b.Name {
			panic("kernel: backend " + b.Name + " registered twice")
		}
	}
	backends.list = append(backends.list, b)
	slices.SortFunc(backends.list, func(a, b Backend) int {
		if a.Rank != b.Rank {
			return b.Rank - a.Rank
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// Backends lists the table, best first, with those not compiled in.
func Backends() []Backend {
	backends.Lock()
	defer backends.Unlock()
	return slices.Clone(backends.list)
}

// Pick returns the backend called name; with an empty name the one that the
// environment variable MF_BACKEND names; without that the best compiled in.
func Pick(name string) (Backend, error) {
	where := "backend " + name
	if name == "" {
		if name = os.Getenv("MF_BACKEND"); name != "" {
			where = "MF_BACKEND=" + name
		}
	}
	return pick(Backends(), name, where)
}

func pick(table []Backend, name, where string) (Backend, error) {
	if len(table) == 0 {
		return Backend{}, fmt.Errorf("no backend is registered; import lowrank/blas/backends")
	}
	var names []string
	for _, b := range table {
		switch {
		case name == "" && b.HowToBuild == "", b.Name == name && b.HowToBuild == "":
			return b, nil
		case b.Name == name:
			return Backend{}, fmt.Errorf("%s is not compiled in; %s", where, b.HowToBuild)
		}
		names = append(names, b.Name)
	}
	return Backend{}, fmt.Errorf("%s is unknown; expected one of %s", where, strings.Join(names, ", "))
}
