package paper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lowrank/blas"
)

// Figure is a figure of a paper that can be reproduced.
type Figure struct {
	Name  string // system/figure, as in symmetric/fig1
	Title string
	Run   func(ctx context.Context, req Request) (*Report, error)
}

// Figures lists all figures in the order of the papers.
func Figures() []Figure {
	return []Figure{
		{"symmetric/fig1", "incremental learning from a large random start", symmetricFig1},
	}
}

// Find returns the figures called by the names; "all" is all of them.
func Find(names ...string) ([]Figure, error) {
	var found []Figure
	for _, name := range names {
		n := len(found)
		for _, f := range Figures() {
			if asked := name == "all" || name == f.Name; asked && !slices.ContainsFunc(found, func(g Figure) bool { return g.Name == f.Name }) {
				found = append(found, f)
			}
		}
		if len(found) == n && !slices.ContainsFunc(found, func(g Figure) bool { return name == "all" || g.Name == name }) {
			var have []string
			for _, f := range Figures() {
				have = append(have, f.Name)
			}
			return nil, fmt.Errorf("unknown figure %q; expected all or one of %s", name, strings.Join(have, ", "))
		}
	}
	return found, nil
}

// Request says how a figure is to be made.
type Request struct {
	Backend *blas.Backend
	Quick   bool // a size that takes seconds; the picture says so
	// Configure, when not nil, sets fields of the figure's configuration, a
	// pointer to a struct with TOML names, after the paper's parameters and
	// those of the quick size.
	Configure func(config any) error
	// Progress is told how many iterations of how many are done. It may be nil.
	Progress func(done, total int)
}

// ConfigError is an error of the parameters that Configure set.
type ConfigError struct{ error }
