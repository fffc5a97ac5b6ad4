package paper

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/bench/matio"
	"lowrank/blas"
)

// Report is a figure that was made.
type Report struct {
	Figure   string
	Quick    bool
	Config   any // resolved, a struct with TOML names
	Inferred []string
	Columns  []string
	Rows     [][]float64
	Page     figure.Page
	Verdicts []Verdict
	Cost     Cost
	// At the end of the run: ‖Σ − XXᵀ‖_F/‖Σ‖_F and the like, and the distance to
	// what should be found.
	Error, Distance float64
}

// Verdict is one thing that the figure must show, with the number it rests on.
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

// Cost is what the run took, the iteration loop alone.
type Cost struct {
	Iterations int
	Passes     int
	Time       time.Duration
	Bytes      float64 // that the passes read of the data
}

// IterationsPerSecond is the throughput of the loop.
func (c Cost) IterationsPerSecond() float64 { return float64(c.Iterations) / c.Time.Seconds() }

func (c Cost) String() string {
	return fmt.Sprintf("%d iterations, %d passes, %.3g s, %.4g iterations/s, %.3g GB/s of Σ",
		c.Iterations, c.Passes, c.Time.Seconds(), c.IterationsPerSecond(), c.Bytes/c.Time.Seconds()/1e9)
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

// resolved is the layout of the configuration file beside a figure.
type resolved struct {
	Figure     string        `toml:"figure"`
	Quick      bool          `toml:"quick"`
	Inferred   []string      `toml:"inferred" comment:"parameters that the paper does not give"`
	Parameters any           `toml:"parameters"`
	Machine    bench.Machine `toml:"machine"`
	Cost       cost          `toml:"cost"`
	Verdicts   []string      `toml:"verdicts"`
}

type cost struct {
	Iterations int     `toml:"iterations"`
	Passes     int     `toml:"passes"`
	Seconds    float64 `toml:"seconds"`
}

// Extensions of the files that Write makes.
var Extensions = []string{"csv", "svg", "png", "toml"}

// Write makes dir/<system>/<figure>.csv, .svg, .png and .toml, each whole or
// not at all, and returns their paths.
func (r *Report) Write(dir string, b *blas.Backend) ([]string, error) {
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
	res := resolved{
		Figure: r.Figure, Quick: r.Quick, Inferred: r.Inferred, Parameters: r.Config, Machine: bench.ThisMachine(b),
		Cost: cost{r.Cost.Iterations, r.Cost.Passes, r.Cost.Time.Seconds()},
	}
	for _, v := range r.Verdicts {
		res.Verdicts = append(res.Verdicts, v.String())
	}
	config, err := toml.Marshal(res)
	if err != nil {
		return nil, err
	}
	if err := matio.WriteCSV(base+".csv", r.Columns, r.Rows); err != nil {
		return nil, err
	}
	for ext, data := range map[string][]byte{".svg": svg, ".png": png, ".toml": config} {
		if err := matio.WriteFile(base+ext, data); err != nil {
			return nil, err
		}
	}
	var paths []string
	for _, ext := range Extensions {
		paths = append(paths, base+"."+ext)
	}
	return paths, nil
}
