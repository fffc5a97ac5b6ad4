package paper

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Figure is a figure of a paper, or a study beyond it, that can be reproduced.
type Figure struct {
	Name  string // system/figure, as in symmetric/fig1
	Title string
	make  func(ctx context.Context, m *making) error
}

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
		asymmetricCondition,
	}
}

// Run makes the figure. Its states, if any, stay until Report.Write.
func (f Figure) Run(ctx context.Context, req Request) (*Report, error) {
	m := f.begin(req)
	m.smaller = req.Quick && !reflect.DeepEqual(f.defaults(true), f.defaults(false))
	if err := f.make(ctx, m); err != nil {
		return nil, err
	}
	return m.Report, nil
}

// defaults is the configuration of a size.
func (f Figure) defaults(quick bool) any {
	m := f.begin(Request{Quick: quick})
	m.checkOnly = true
	_ = f.make(context.Background(), m) // ends at the configuration
	return m.Config
}

// Check tells whether the figure takes the request's configuration.
func (f Figure) Check(req Request) error {
	m := f.begin(req)
	m.checkOnly = true
	if err := f.make(context.Background(), m); !errors.Is(err, errChecked) {
		return err
	}
	return nil
}

func (f Figure) begin(req Request) *making {
	return &making{Request: req, Report: &Report{Figure: f.Name, Title: f.Title, Quick: req.Quick}, Quick: req.Quick}
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
