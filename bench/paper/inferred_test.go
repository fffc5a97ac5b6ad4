package paper

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"lowrank/blas"
)

// whatPapersGive says of every parameter of every figure whether the paper gives it, does
// not, or is not about it: it is one of a study or an addition of ours, or says how
// something is computed, stored or drawn. Who adds a parameter looks it up in the paper.
var whatPapersGive = map[string]struct{ given, inferred, ours, assumed string }{
	"symmetric/fig1": {
		given:    "d r scale step sigma marks",
		inferred: "iterations seed",
		ours:     "method",
	},
	"sensing/fig1": {
		given:    "r_star m step",
		inferred: "n alpha iterations extent seed",
		ours:     "grid",
	},
	"sensing/fig2": {
		given:    "n r_star m step alpha",
		inferred: "r iterations seed",
		ours:     "storage",
	},
	"sensing/fig3": {
		given:    "n r_star m step alpha",
		inferred: "columns iterations seed",
		ours:     "every storage",
	},
	"sensing/fig4": {
		given:    "n r_star m r step loss",
		inferred: "alphas iterations plateau_from plateau_to seed",
		ours:     "storage",
	},
	"sensing/fig5": {
		given:    "n r_star m r step small large iterations",
		inferred: "patience seed",
		ours:     "storage",
	},
	"sensing/fig6": {
		given:    "n r_star m columns step alpha threshold trials",
		inferred: "seed",
		ours:     "iterations storage",
	},
	"deep/fig1": {
		inferred: "spectrum depths steps alpha beta iterations_identical iterations_perturbed seed",
		ours:     "beta_tiny",
	},
	"deep/fig2": {
		inferred: "spectrum depths start kappa",
	},
	"deep/fig3": {
		inferred: "n spectrum depths alphas kappa eps eps_prime iterations",
	},
	"deep/fig4": {
		inferred: "lambda depths alpha kappa decades",
		ours:     "per_decade",
	},
	"deep/fig5": {
		inferred: "depth lambda alpha beta step iterations",
	},
	"deep/fig6": {
		inferred: "n spectrum depths alphas kappa noise iterations iterations_noisy seed",
		assumed:  "that (c) and (d) show with noise what (a) and (b) show without",
	},
	"deep/fig7": {
		inferred: "n spectrum alpha kappas time eps delta",
		assumed:  "what (a) compares",
	},
	"deep/fig8": {
		inferred: "noise width start step loss iterations image seed",
		ours:     "per_decade",
		assumed:  "that N goes up to 4; pixels from 0 to 1",
	},
	"deep/fig9": {
		inferred: "noise width start step loss iterations image seed",
		ours:     "per_decade",
		assumed:  "that N goes up to 4; pixels from 0 to 1",
	},
	"deep/fig10": {
		inferred: "noise width start step loss iterations image seed",
		ours:     "per_decade",
		assumed:  "that N goes up to 4; pixels from 0 to 1",
	},
	"deep/fig11": {
		inferred: "noise width start step loss iterations image seed",
		ours:     "per_decade",
		assumed:  "that N goes up to 4; pixels from 0 to 1",
	},
	"deep/fig12": {
		inferred: "noise width start step loss iterations image seed",
		ours:     "per_decade",
		assumed:  "that N goes up to 4; pixels from 0 to 1",
	},
	"deep/fig13": {
		inferred: "spectrum depth sigma_large sigma_small step iterations seed",
		ours:     "runs",
	},
	"asymmetric/fig1": {
		given:    "m n r d runs c nu",
		inferred: "ratios steps iterations tau eps seed",
		ours:     "form method",
		assumed:  "that the singular values of A are evenly spaced from σ_1 to σ_r",
	},
	"asymmetric/fig2": {
		given:    "m n r d ratio starts runs c nu",
		inferred: "iterations tau eps seed",
		ours:     "form method",
		assumed:  "that the singular values of A are evenly spaced from σ_1 to σ_r",
	},
	"asymmetric/fig3": {
		given:    "m n r ratio runs c nu",
		inferred: "d steps iterations starts seed",
		ours:     "alternating form method",
		assumed:  "that the singular values of A are evenly spaced from σ_1 to σ_r",
	},
	"asymmetric/fig4": {
		given:    "m n r ratio noise starts runs c nu",
		inferred: "d steps iterations seed",
		ours:     "method",
		assumed:  "that the singular values of A are evenly spaced from σ_1 to σ_r; that the noise is Gaussian and measured by its Frobenius norm",
	},
	"symmetric/transition": {
		ours: "d scale step seeds higher-ranks higher-d higher-seeds gap iterations seed",
	},
	"symmetric/iterations": {
		ours: "r d scale step accuracy coarse dimensions scales steps gaps seeds iterations seed",
	},
	"symmetric/dimension": {
		ours: "r scale step dims dense-dims accuracies seeds few-from few-seeds iterations tolerance direct-steps seed",
	},
	"sensing/condition": {
		ours: "n r_star counts conditions r step alphas threshold iterations trials storage seed",
	},
	"sensing/samples": {
		ours: "n r_stars counts multiples step alpha threshold iterations trials storage seed",
	},
	"sensing/scale": {
		ours: "n r_star m columns alphas step iterations trials storage seed",
	},
	"asymmetric/condition": {
		inferred: "tau",
		ours:     "m n r d conditions fit_from target step iterations runs c nu form method seed",
	},
}

// TestInferred: what a figure says is inferred is what its paper does not give, and no more.
func TestInferred(t *testing.T) {
	for _, f := range Figures() {
		want, known := whatPapersGive[f.Name]
		if !known {
			t.Errorf("%s is not in the table", f.Name)
			continue
		}
		all := strings.Fields(want.given + " " + want.inferred + " " + want.ours)
		named := map[string]bool{}
		for _, name := range all {
			if named[name] {
				t.Errorf("%s: %s stands in the table twice", f.Name, name)
			}
			named[name] = true
		}
		for _, quick := range []bool{false, true} {
			r := &Report{Figure: f.Name, Config: f.defaults(quick)}
			var inferred []string
			for _, p := range r.parameters() {
				if !named[p.Name] {
					t.Errorf("%s: the table does not say whether the paper gives %s", f.Name, p.Name)
				}
				if p.Inferred {
					inferred = append(inferred, p.Name)
				}
			}
			if got := len(r.parameters()); got != len(all) {
				t.Errorf("%s: %d parameters, and %d in the table", f.Name, got, len(all))
			}
			if got := strings.Join(inferred, " "); got != want.inferred {
				t.Errorf("%s, quick %v: inferred are %q; expected %q", f.Name, quick, got, want.inferred)
			}
			var assumed []string
			if a, ok := r.Config.(assuming); ok {
				assumed = a.assumed()
			}
			if got := strings.Join(assumed, "; "); got != want.assumed {
				t.Errorf("%s: assumed is %q; expected %q", f.Name, got, want.assumed)
			}
		}
	}
	if len(whatPapersGive) != len(Figures()) {
		t.Errorf("the table has %d figures; there are %d", len(whatPapersGive), len(Figures()))
	}
}

// TestInferredIsPrinted: the caption of a figure has the list, a study is called one, and the
// tolerance of a Krylov basis stands in no run without one.
func TestInferredIsPrinted(t *testing.T) {
	config := func(name string, set func(c any)) (r *making) {
		for _, f := range Figures() {
			if f.Name != name {
				continue
			}
			r = f.begin(Request{Quick: true, Configure: func(c any) error { set(c); return nil }})
			r.checkOnly = true
			if err := f.make(t.Context(), r); !errors.Is(err, errChecked) {
				t.Fatal(err)
			}
			r.draw("title", "What is drawn.")
		}
		return r
	}
	none := func(any) {}
	has := func(r *making, name string) bool {
		for _, p := range r.parameters() {
			if p.Name == name {
				return true
			}
		}
		return false
	}
	one := config("symmetric/fig1", none)
	if c := one.Page.Caption; !strings.HasSuffix(c, "Inferred, not given in the paper: iterations, seed.") || has(one, "tolerance") {
		t.Errorf("%s", c)
	}
	data, err := one.toml(open(t), nil)
	if err != nil || strings.Contains(string(data), "tolerance") {
		t.Errorf("%s %v", data, err)
	}
	basis := config("symmetric/fig1", func(c any) { c.(*symmetricFig1Config).Method = byKrylov })
	if !has(basis, "tolerance") || reflect.DeepEqual(one.Config, basis.Config) {
		t.Error("a run in a Krylov basis has no tolerance")
	}
	if c := config("asymmetric/fig4", none).Page.Caption; !strings.Contains(c, "evenly spaced") || strings.Contains(c, "noise, ") {
		t.Error(c)
	}
	study := config("symmetric/iterations", none).Page.Caption
	if !strings.HasSuffix(study, "A study beyond the paper, with parameters of its own.") {
		t.Error(study)
	}
}

func open(t *testing.T) *blas.Backend {
	t.Helper()
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
