package paper

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
)

func fig1(t *testing.T, quick bool, set func(*symmetricFig1Config)) *Report {
	t.Helper()
	return made(t, symmetricFig1, quick, set)
}

// TestFig1Verdicts runs the paper's size on several seeds, and the quick one.
// Of the seeds 0 to 59 one fails at the paper's size: with seed 4 the second
// signal appears before the first is learned, and no flat stretch parts them.
func TestFig1Verdicts(t *testing.T) {
	for _, seed := range []uint64{0, 1, 2, 3, 5, 6} {
		for _, quick := range []bool{false, true} {
			rep := fig1(t, quick, func(c *symmetricFig1Config) { c.Seed = seed })
			for _, v := range rep.Verdicts {
				if !v.Pass {
					t.Errorf("seed %d, quick %v: %s", seed, quick, v)
				}
			}
		}
	}
}

// TestFig1Rotation: a dense Σ = QΛQᵀ gives the curve of Λ.
func TestFig1Rotation(t *testing.T) {
	diagonal := fig1(t, true, func(c *symmetricFig1Config) { c.D, c.Iterations = 500, 600 })
	dense := fig1(t, true, func(c *symmetricFig1Config) { c.D, c.Iterations, c.Sigma = 500, 600, "dense" })
	for i, row := range diagonal.Tables[0].Rows {
		for j, v := range row {
			switch diagonal.Tables[0].Columns[j] {
			case "snr_1", "snr_2", noiseGuide: // ratios with a noise that reaches rounding; not of the run
				continue
			}
			if w := dense.Tables[0].Rows[i][j]; !(math.Abs(v-w) <= 1e-12) {
				t.Fatalf("t = %v: %s is %v for diagonal and %v for dense Σ", row[0], diagonal.Tables[0].Columns[j], v, w)
			}
		}
	}
}

// TestFig1VerdictsCanFail: no verdict is a formality.
func TestFig1VerdictsCanFail(t *testing.T) {
	for _, iterations := range []int{20, 75, 90} { // too short for what a verdict is about
		rep := fig1(t, false, func(c *symmetricFig1Config) { c.Iterations = iterations })
		if noise := rep.Verdicts[3]; noise.Pass {
			t.Errorf("after %d iterations: %s", iterations, noise)
		}
	}
	// Forged curves fail the verdict they break.
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &symmetricFig1Config{D: 2000, R: 2, Scale: 0.5, Step: 0.1, Iterations: 1500, Sigma: "diagonal", Seed: 1}
	_, trace, err := runFigure1(context.Background(), &making{Request: Request{Backend: b}, Report: &Report{Config: cfg}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, forge := range []func(row []float64){
		func(row []float64) { row[1] += 0.1 },                         // error
		func(row []float64) { row[3] = row[2] },                       // signal 2 as early as signal 1
		func(row []float64) { row[1] = 1.17 * math.Exp(-row[0]/100) }, // no flat stretch
		func(row []float64) { row[4] = max(row[4], 1e-3) },            // noise that stays
		func(row []float64) { row[1] += 1e-5 },                        // error that stays
	} {
		rows := make([][]float64, len(trace.Rows))
		for k, row := range trace.Rows {
			rows[k] = append([]float64(nil), row...)
			forge(rows[k])
		}
		m := &making{Report: &Report{}}
		newFigure1Curves(&solvers.Trace{Columns: trace.Columns, Rows: rows}).verdicts(m, cfg)
		if v := m.Verdicts[i]; v.Pass {
			t.Errorf("forgery %d passes: %s", i, v)
		}
	}
}

func TestFig1Files(t *testing.T) {
	dir := t.TempDir()
	rep := fig1(t, true, func(c *symmetricFig1Config) { c.D = 100 })
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := rep.Write(dir, b, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != 5 {
		t.Errorf("wrote %v", paths)
	}
	for _, p := range paths {
		if info, err := os.Stat(p); err != nil || info.Size() == 0 || filepath.Dir(p) != filepath.Join(dir, "symmetric") {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestFind(t *testing.T) {
	if f, err := Find("all"); err != nil || len(f) != len(Figures()) {
		t.Errorf("all: %v, %v", f, err)
	}
	if _, err := Find("symmetric/fig1", "nothing"); err == nil {
		t.Error("no error for an unknown name")
	}
}
