package symmetric

import (
	"path/filepath"
	"testing"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/testsources"
	"lowrank/data/problem"
)

func TestSources(t *testing.T) {
	const d, r, k = 600, 2, 300
	none, eig := filepath.Join(t.TempDir(), "none.npy"), filepath.Join(t.TempDir(), "eig.npy")
	if err := problem.WriteSample(eig, k, 1); err != nil {
		t.Fatal(err)
	}
	var in32 []bool
	for _, s := range sources[float32]() {
		in32 = append(in32, testsources.Whole(s))
	}
	testsources.Run(t, testsources.System[Flags, problemOf[float64], plan.Symmetric]{
		Table: table, Rows32: in32,
		Kinds: map[string]testsources.Kind{
			"sigma":        {Least: []string{"--sigma=" + none}, Rest: []string{"--symmetrize=true"}},
			"sigma-factor": {Least: []string{"--sigma-factor=" + none}, Rest: []string{"--sigma-eig=" + eig}},
			"generate":     {Least: []string{"--generate=even", "--d=60"}, Rest: []string{"--form=diagonal"}},
		},
		Mixed:   []string{"sigma", "generate"},
		Refused: map[string]testsources.Refusal{"generate": {Args: []string{"--generate=even", "--d=0", "--rank=2", "--step=1"}, Says: "needs a dimension of at least 1"}},
		Flags:   []string{"--rank=2", "--step=1e-3", "--iters=5"},
		Sample:  plan.Symmetric{Form: plan.Dense, D: d, R: r, K: k},
		Save:    "save-x", Same: []string{"error"},
		Check: func(t *testing.T, f *Flags, b *blas.Backend, s source[float64], ahead plan.Symmetric) {
			p, err := loadSymmetric[float64](f, b)
			if err != nil {
				t.Fatal(err)
			}
			loaded := shapeOf(f, b, s, p)
			if ahead.D != d || loaded.D != d || ahead.Form != loaded.Form || ahead.K != loaded.K {
				t.Errorf("from the flags it is %+v, loaded %+v", ahead, loaded)
			}
			data := ahead.Form.Data(ahead)
			testsources.Near(t, "bytes", data.Held, float64(p.op.Held()), 0.2)
			testsources.Near(t, "bytes a pass", data.Pass, float64(p.op.Bytes()), 0.1)
			testsources.Near(t, "operations a pass", data.Flops, p.op.Flops(r), 0.01)
		},
	}, "../../../../..")
}
