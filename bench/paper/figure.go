package paper

import (
	"context"
	"errors"
	"reflect"
)

// Figure is a figure of a paper, or a study beyond it, that can be reproduced.
type Figure struct {
	Name  string // system/figure, as in symmetric/fig1
	Title string
	make  func(ctx context.Context, m *making) error
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
