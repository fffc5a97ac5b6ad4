package peers

import (
	"context"
	"fmt"
	"slices"

	"lowrank/kernel"
)

// backend is one of this module's own.
func backend(b kernel.Backend) Peer {
	return Peer{Name: b.Name, What: "backend " + b.Name + " of this program", asIs: b.Name == Base, find: func(_ context.Context, h *Host) (program, error) {
		if b.HowToBuild != "" {
			return program{}, fmt.Errorf("is not compiled in: %s", b.HowToBuild)
		}
		return program{args: append(slices.Clone(h.Self), b.Name)}, nil
	}}
}
