package deep

import (
	"path/filepath"
	"testing"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/testsources"
)

func TestSources(t *testing.T) {
	const n = 300
	none := filepath.Join(t.TempDir(), "none.npy")
	testsources.Run(t, testsources.System[Flags, problemOf, plan.Deep]{
		Table: table,
		Kinds: map[string]testsources.Kind{
			"target":   {Least: []string{"--target=" + none}, Rest: []string{"--truth=" + none, "--divide=2"}},
			"generate": {Least: []string{"--generate=symmetric", "--n=60", "--eigenvalues=2,1,-1"}, Rest: []string{"--noise=0.5"}},
		},
		Refused: map[string]testsources.Refusal{
			"target":   {Args: []string{"--target=" + none, "--divide=0", "--depth=2", "--step=1"}, Says: "--divide is 0"},
			"generate": {Args: []string{"--generate=square", "--n=3", "--depth=2", "--step=1"}, Says: "expected symmetric or diagonal"},
		},
		Flags:  []string{"--depth=3", "--step=1e-3", "--iters=5"},
		Sample: plan.Deep{M: n, N: n, Width: n, Depth: 3},
		Save:   "save-w", Same: []string{"error", "distance"},
		Check: func(t *testing.T, f *Flags, b *blas.Backend, s source, ahead plan.Deep) {
			p, err := s.Load(f, b)
			if err != nil {
				t.Fatal(err)
			}
			loaded := shapeOf(f, b, s, p)
			if ahead.M != n || loaded.M != n || ahead.N != n || loaded.N != n || ahead.Width != loaded.Width {
				t.Errorf("from the flags it is %+v, loaded %+v", ahead, loaded)
			}
			testsources.Near(t, "bytes", ahead.Size().Data, float64(8*len(p.target.Data)), 0)
			if (p.truth != nil) != (f.Changed("truth") || f.noise != 0) {
				t.Error("the truth is not known where it is given, or is where it is not")
			}
		},
	}, "../../../../..")
}
