package sensing

import (
	"path/filepath"
	"testing"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/testsources"
	"lowrank/data/problem"
)

func TestSources(t *testing.T) {
	const n, m, r = 30, 400, 2
	dir := t.TempDir()
	known, truth := filepath.Join(dir, "known.mtx"), filepath.Join(dir, "truth.npy")
	if err := problem.WriteSamplePlaces(known, 9, 9, 20, true); err != nil {
		t.Fatal(err)
	}
	if err := problem.WriteSample(truth, n, 2); err != nil {
		t.Fatal(err)
	}
	var in32 []bool
	for _, s := range sources[float32]() {
		in32 = append(in32, testsources.Whole(s))
	}
	testsources.Run(t, testsources.System[Flags, sensingProblem[float64], plan.Sensing]{
		Table: table, Rows32: in32,
		Kinds: map[string]testsources.Kind{
			"entries":  {Least: []string{"--entries=" + known}},
			"generate": {Least: []string{"--generate=gaussian", "--n=30", "--count=60"}, Rest: []string{"--storage=regenerate", "--condition=1", "--noise=0.1"}, Else: []string{"--ratio=1"}},
		},
		Mixed: []string{"measurements", "generate"},
		Refused: map[string]testsources.Refusal{
			"measurements": {Args: []string{"--measurements=" + known, "--rank=2", "--step=1"}, Says: "--y is missing"},
			"vectors":      {Args: []string{"--vectors=" + known, "--rank=2", "--step=1"}, Says: "--y is missing"},
			"generate":     {Args: []string{"--generate=circles", "--n=3", "--count=4", "--true-rank=1", "--rank=2", "--step=1"}, Says: "circles"},
		},
		Flags:  []string{"--rank=2", "--step=1e-4", "--iters=5", "--scale=0.1", "--truth=" + truth},
		Sample: plan.Sensing{Form: plan.Matrices, M: m, N: n, R: r},
		Save:   "save-u", Same: []string{"error", "distance"},
		Check: func(t *testing.T, f *Flags, b *blas.Backend, s source[float64], ahead plan.Sensing) {
			p, err := loadSensing(f, b, s)
			if err != nil {
				t.Fatal(err)
			}
			loaded := shapeOf(f, b, s, p)
			if ahead.N != n || loaded.N != n || ahead.M != p.a.Count() || loaded.M != ahead.M || ahead.Form != loaded.Form || ahead.Held != loaded.Held || ahead.Truth != loaded.Truth {
				t.Errorf("from the flags it is %+v, loaded %+v", ahead, loaded)
			}
			testsources.Near(t, "bytes", ahead.Form.Data(ahead).Held, float64(p.a.Held()), 0.2)
		},
	}, "../../../../..")
}
