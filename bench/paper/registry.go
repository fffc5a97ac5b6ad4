package paper

import (
	"fmt"
	"slices"
	"strings"
)

// Figures lists all figures in the order of the papers, then the studies.
func Figures() []Figure {
	return []Figure{
		symmetricFig1,
		sensingFig1,
		sensingFig2,
		sensingFig3,
		sensingFig4,
		sensingFig5,
		sensingFig6,
		deepFig1,
		deepFig2,
		deepFig3,
		deepFig4,
		deepFig5,
		deepFig6,
		deepFig7,
		deepFig8,
		deepFig9,
		deepFig10,
		deepFig11,
		deepFig12,
		deepFig13,
		asymmetricFig1,
		asymmetricFig2,
		asymmetricFig3,
		asymmetricFig4,
		symmetricTransition,
		symmetricIterations,
		symmetricDimension,
		sensingScale,
		sensingCondition,
		sensingSamples,
		asymmetricCondition,
	}
}

// Find returns the figures called by the names; "all" is all of them, and the
// name of a system all of its.
func Find(names ...string) ([]Figure, error) {
	var found []Figure
	for _, name := range names {
		known := false
		for _, f := range Figures() {
			if name != "all" && name != f.Name && !strings.HasPrefix(f.Name, name+"/") {
				continue
			}
			known = true
			if !slices.ContainsFunc(found, func(g Figure) bool { return g.Name == f.Name }) {
				found = append(found, f)
			}
		}
		if !known {
			return nil, fmt.Errorf("unknown figure %q; expected all, a system or one of %s", name, strings.Join(Names(), ", "))
		}
	}
	return found, nil
}

// Names lists the names of all figures.
func Names() []string {
	var names []string
	for _, f := range Figures() {
		names = append(names, f.Name)
	}
	return names
}
