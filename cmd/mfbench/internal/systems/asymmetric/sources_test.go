package asymmetric

import (
	"path/filepath"
	"testing"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/testsources"
)

func TestSources(t *testing.T) {
	const m, n, k, inner = 500, 400, 2, 5
	none := filepath.Join(t.TempDir(), "none.npy")
	var in32 []bool
	for _, s := range sources[float32]() {
		in32 = append(in32, testsources.Whole(s))
	}
	testsources.Run(t, testsources.System[Flags, problemOf[float64], plan.Asymmetric]{
		Table: table, Rows32: in32,
		Kinds: map[string]testsources.Kind{
			"a-left":   {Least: []string{"--a-left=" + none, "--a-right=" + none}},
			"generate": {Least: []string{"--generate=lowrank", "--m=60", "--n=50", "--true-rank=5"}, Rest: []string{"--ratio=0.5", "--noise=0", "--form=product"}},
		},
		Refused: map[string]testsources.Refusal{"generate": {Args: []string{"--generate=square", "--rank=2", "--step=1"}, Says: "expected lowrank"}},
		Flags:   []string{"--rank=2", "--step=1e-3", "--iters=5", "--init=random"},
		Sample:  plan.Asymmetric{Form: plan.RectangularDense, M: m, N: n, K: k, Inner: inner},
		Save:    "save-x", Same: []string{"error"},
		Check: func(t *testing.T, f *Flags, b *blas.Backend, s source[float64], ahead plan.Asymmetric) {
			p, err := s.Load(f, b)
			if err != nil {
				t.Fatal(err)
			}
			loaded := shapeOf(f, b, s, p)
			if ahead.M != m || ahead.N != n || loaded.M != m || loaded.N != n || ahead.Form != loaded.Form || ahead.Inner != loaded.Inner {
				t.Errorf("from the flags it is %+v, loaded %+v", ahead, loaded)
			}
			data := ahead.Form.Data(ahead)
			testsources.Near(t, "bytes", data.Held, float64(p.a.Held()), 0.2)
			testsources.Near(t, "bytes a pass", data.Pass, float64(p.a.Bytes()), 0.1)
			testsources.Near(t, "operations a pass", data.Flops, p.a.Flops(k), 0.01)
		},
	}, "../../../../..")
}
