package paper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/bench/report"
	"lowrank/blas"
	"lowrank/data/matio"
)

// Report is a figure that was made.
type Report struct {
	Figure, Title string
	Quick         bool
	Config        any // resolved, a pointer to a struct with TOML names
	Tables        []*Table
	Page          figure.Page
	Verdicts      []Verdict
	Notes         []string // numbers that are reported without a verdict
	Cost          Cost
	State         string // directory of the states of its runs; empty for none
	// Of a figure with one run, at its end: ‖Σ − XXᵀ‖_F/‖Σ‖_F and the like, and
	// the distance to what should be found. Else nil.
	Error, Distance *float64
}

// Verdict is one thing that the figure must show, with the numbers it rests on.
type Verdict struct {
	Pass bool
	Text string
}

func (v Verdict) String() string {
	if v.Pass {
		return "PASS  " + v.Text
	}
	return "FAIL  " + v.Text
}

// Passed reports whether every verdict passes.
func (r *Report) Passed() bool {
	for _, v := range r.Verdicts {
		if !v.Pass {
			return false
		}
	}
	return true
}

// Lines are the verdicts and the notes, one line each.
func (r *Report) Lines() []string {
	var lines []string
	for _, v := range r.Verdicts {
		lines = append(lines, v.String())
	}
	for _, n := range r.Notes {
		lines = append(lines, "NOTE  "+n)
	}
	return lines
}

// inferredMark begins the comment of a parameter that the paper does not give.
const inferredMark = "inferred"

// assuming is a configuration that rests on more that the paper does not give than its
// parameters.
type assuming interface{ assumed() []string }

// inferred lists the parameters that are marked so, and what else is assumed.
func (r *Report) inferred() []string {
	var names []string
	for _, p := range r.parameters() {
		if p.Inferred {
			names = append(names, p.Name)
		}
	}
	if a, ok := r.Config.(assuming); ok {
		names = append(names, a.assumed()...)
	}
	return names
}

// parameters are the fields of the configuration but those that the run does not have.
func (r *Report) parameters() []report.Parameter {
	var out []report.Parameter
	v := reflect.Indirect(reflect.ValueOf(r.Config))
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("toml"), ",")
		if option == "omitempty" && v.Field(i).IsZero() {
			continue
		}
		comment := f.Tag.Get("comment")
		value := fmt.Sprint(v.Field(i).Interface())
		if k := f.Type.Kind(); k == reflect.Slice {
			value = strings.Trim(strings.ReplaceAll(value, " ", ", "), "[]")
		}
		out = append(out, report.Parameter{Name: name, Value: value, Comment: comment, Inferred: strings.HasPrefix(comment, inferredMark)})
	}
	return out
}

// resolved is the layout of the configuration file beside a figure.
type resolved struct {
	Figure     string        `toml:"figure"`
	Quick      bool          `toml:"quick"`
	Inferred   []string      `toml:"inferred,multiline" comment:"what the paper does not give"`
	Parameters any           `toml:"parameters"`
	Machine    bench.Machine `toml:"machine"`
	Cost       cost          `toml:"cost"`
	Verdicts   []string      `toml:"verdicts,multiline"`
}

type cost struct {
	Iterations int     `toml:"iterations"`
	Passes     int     `toml:"passes"`
	Seconds    float64 `toml:"seconds"`
	Bytes      float64 `toml:"bytes" comment:"that had to be read or written"`
	Flops      float64 `toml:"flops"`
	Share      float64 `toml:"share" comment:"of the bound: the larger of bytes/bandwidth and flops/peak, over seconds"`
}

// Write makes the files of a figure in dir, each whole or not at all, and
// returns their paths: dir/<system>/<figure>.csv and one for each further table,
// .svg, .png, .json and, last, .toml, without which the figure does not count as
// made. The limits may be nil.
func (r *Report) Write(dir string, b *blas.Backend, limits *bench.Limits, command string) ([]string, error) {
	base := filepath.Join(dir, filepath.FromSlash(r.Figure))
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
		return nil, err
	}
	svg, err := r.Page.SVG()
	if err != nil {
		return nil, err
	}
	png, err := r.Page.PNG()
	if err != nil {
		return nil, err
	}
	config, err := r.toml(b, limits)
	if err != nil {
		return nil, err
	}
	if err := clearFigure(base); err != nil {
		return nil, err
	}
	var paths []string
	for _, t := range r.Tables {
		paths = append(paths, base+t.suffix())
		if err := matio.WriteCSV(base+t.suffix(), t.Columns, t.Rows); err != nil {
			return nil, err
		}
	}
	write := func(ext string, data []byte) error {
		paths = append(paths, base+ext)
		return matio.WriteFile(base+ext, data)
	}
	if err := write(".svg", svg); err != nil {
		return nil, err
	}
	if err := write(".png", png); err != nil {
		return nil, err
	}
	saved, err := report.Save(dir, r.shown(b, limits, command))
	if err != nil {
		return nil, err
	}
	paths = append(paths, saved)
	if err := write(".toml", config); err != nil {
		return nil, err
	}
	r.forget()
	return paths, nil
}

// clearFigure removes the configuration and the tables of a figure that is made
// again, perhaps with fewer.
func clearFigure(base string) error {
	old, err := filepath.Glob(base + "-*.csv")
	if err != nil {
		return err
	}
	for _, path := range append(old, base+".toml") {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (t *Table) suffix() string {
	if t.Name == "" {
		return ".csv"
	}
	return "-" + t.Name + ".csv"
}

func (r *Report) toml(b *blas.Backend, limits *bench.Limits) ([]byte, error) {
	res := resolved{
		Figure: r.Figure, Quick: r.Quick, Inferred: r.inferred(), Parameters: r.Config, Machine: bench.ThisMachine(b), Verdicts: r.Lines(),
		Cost: cost{Iterations: r.Cost.Iterations, Passes: r.Cost.Passes, Seconds: r.Cost.Time.Seconds(), Bytes: r.Cost.Bytes, Flops: r.Cost.Flops},
	}
	if limits != nil {
		res.Cost.Share = r.Cost.Share(*limits)
	}
	return toml.Marshal(res)
}

// shown is what the page of all figures shows of this one.
func (r *Report) shown(b *blas.Backend, limits *bench.Limits, command string) *report.Figure {
	machine := bench.ThisMachine(b)
	f := &report.Figure{
		Name: r.Figure, Title: r.Title, Quick: r.Quick, Caption: r.Page.Caption, Command: command,
		Parameters: r.parameters(), Cost: r.Cost.Line(limits), Page: r.Page,
		Machine: fmt.Sprintf("%s, %d threads, backend %s, kernels %s, %s %s/%s, lowrank %s",
			machine.CPU, machine.Threads, machine.Backend, machine.Kernel, machine.Go, machine.OS, machine.Arch, machine.Version),
	}
	for _, line := range r.Lines() {
		status, text, _ := strings.Cut(line, "  ")
		f.Verdicts = append(f.Verdicts, report.Verdict{Status: status, Text: text})
	}
	for _, t := range r.Tables {
		f.Files = append(f.Files, r.Figure+t.suffix())
	}
	for _, ext := range []string{".svg", ".png", ".toml"} {
		f.Files = append(f.Files, path.Clean(r.Figure+ext))
	}
	return f
}

// forget removes the states of a figure that is written.
func (r *Report) forget() {
	if r.State != "" {
		os.RemoveAll(r.State) // what stays costs disk only
		os.Remove(filepath.Dir(r.State))
	}
}
