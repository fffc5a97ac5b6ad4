package paper

import (
	"fmt"
	"strings"

	"lowrank/bench/figure"
	"lowrank/blas"
)

// Request says how a figure is to be made.
type Request struct {
	Backend *blas.Backend
	Quick   bool // a size that takes seconds; the picture says so
	// Configure, when not nil, sets fields of the figure's configuration, a
	// pointer to a struct with TOML names, after the paper's parameters and
	// those of the quick size.
	Configure func(config any) error
	// Progress is told how many iterations of how many of a stage are done. It
	// may be nil.
	Progress func(stage string, done, total int)
	// Dir is where the figure will be written; empty for nowhere. There a long
	// figure saves its state as it goes. Resume goes on from it, and is a
	// MadeError where the figure itself is there with the same parameters.
	Dir    string
	Resume bool
}

// making is a figure being made: the request and the report that grows.
type making struct {
	Request
	*Report
	Quick       bool // of both
	fingerprint string
	stages      map[string]int // how often each name was used
	checkOnly   bool
	smaller     bool // the quick size is not the full one
}

// verdict adds one thing that the figure must show, with the numbers it rests on.
func (m *making) verdict(pass bool, format string, args ...any) {
	m.Verdicts = append(m.Verdicts, Verdict{pass, fmt.Sprintf(format, args...)})
}

// note adds a number that is reported without a verdict.
func (m *making) note(format string, args ...any) {
	m.Notes = append(m.Notes, fmt.Sprintf(format, args...))
}

// progress tells how far a stage is.
func (m *making) progress(stage string, done, total int) {
	if m.Progress != nil {
		m.Progress(stage, done, total)
	}
}

// draw sets the page. The caption says the size and what is inferred, or that the figure is
// a study.
func (m *making) draw(title, caption string, rows ...figure.Row) {
	switch {
	case m.Quick && !m.smaller:
		caption = "Quick size, the same as the full one. " + caption
	case m.Quick && strings.Contains(m.Figure, "/fig"):
		caption = "QUICK SIZE, not the paper's. " + caption
	case m.Quick:
		caption = "QUICK SIZE, smaller than the full one. " + caption
	}
	if !strings.Contains(m.Figure, "/fig") {
		caption += " A study beyond the paper, with parameters of its own."
	}
	if inferred := m.inferred(); len(inferred) > 0 {
		caption += " Inferred, not given in the paper: " + strings.Join(inferred, ", ") + "."
	}
	m.Page = figure.Page{Title: title, Caption: caption, Rows: rows}
}
