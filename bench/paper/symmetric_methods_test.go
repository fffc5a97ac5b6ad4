package paper

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"lowrank/blas"
)

// small is a size of symmetric/fig1 at which all its verdicts can be given but that on
// the last error.
func small(c *symmetricFig1Config) { c.D, c.Iterations = 300, 600 }

// byMethod is a small figure.
func byMethod(t *testing.T, method, sigma string, tolerance float64) *Report {
	t.Helper()
	return fig1(t, true, func(c *symmetricFig1Config) {
		small(c)
		c.Method, c.Sigma, c.Tolerance = method, sigma, tolerance
	})
}

// TestFig1Methods: in a Krylov basis the figure has the curves, the heat maps and the
// marks of the direct run, and fewer passes for a coarser tolerance.
func TestFig1Methods(t *testing.T) {
	for _, sigma := range []string{"diagonal", "dense"} {
		direct, krylov := byMethod(t, byDirect, sigma, 1e-12), byMethod(t, byKrylov, sigma, 1e-12)
		both, coarse := byMethod(t, byBoth, sigma, 1e-12), byMethod(t, byKrylov, sigma, 1e-5)
		for _, rep := range []*Report{direct, krylov, both} {
			for _, v := range rep.Verdicts {
				if !v.Pass {
					t.Errorf("%s: %s", sigma, v)
				}
			}
		}
		of := direct.Tables[0]
		for _, rep := range []*Report{krylov, both} {
			for i, row := range of.Rows {
				for j, v := range row {
					name := of.Columns[j]
					if strings.HasPrefix(name, "snr_") || name == noiseGuide { // ratios with a noise that reaches rounding; not of the run
						continue
					}
					if w := rep.Tables[0].column(name)[i]; !(math.Abs(v-w) <= 1e-12) {
						t.Fatalf("%s, t = %v: %s is %v directly and %v in a basis", sigma, row[0], name, v, w)
					}
				}
			}
			if d := *rep.Distance - *direct.Distance; !(math.Abs(d) <= 1e-12) || *rep.Error != *direct.Error && !(math.Abs(*rep.Error / *direct.Error - 1) <= 1e-12) {
				t.Errorf("%s: errors %v and %v, directly %v and %v", sigma, *rep.Error, *rep.Distance, *direct.Error, *direct.Distance)
			}
		}
		last := func(rep *Report, column string) float64 {
			v := rep.Tables[0].column(column)
			return v[len(v)-1]
		}
		passes := krylov.Tables[0].column("passes")
		if !slices.IsSorted(passes) || passes[0] != 1 || last(krylov, "passes") > mostPasses || last(krylov, "passes") != last(both, "passes") {
			t.Errorf("%s: passes %v, beside the direct run %v", sigma, passes, last(both, "passes"))
		}
		if krylov.Cost.Passes != int(last(krylov, "passes")) || direct.Cost.Passes != 600 || both.Cost.Passes != 600 {
			t.Errorf("%s: the costs are %+v, %+v and %+v", sigma, direct.Cost, krylov.Cost, both.Cost)
		}
		if !(last(coarse, "passes") < last(krylov, "passes")) {
			t.Errorf("%s: %v passes with tolerance 1e-5, %v with 1e-12", sigma, last(coarse, "passes"), last(krylov, "passes"))
		}
		compared := inBasis(both.Tables[0])
		if len(compared.Rows) != 600/compareEvery+1 || len(both.Page.Rows) != 3 || len(krylov.Page.Rows) != 2 {
			t.Errorf("%s: %d rows are compared, on %d and %d rows of panels", sigma, len(compared.Rows), len(both.Page.Rows), len(krylov.Page.Rows))
		}
	}
}

// TestFig1MethodsLast: the last iterate is compared wherever it lies.
func TestFig1MethodsLast(t *testing.T) {
	rep := fig1(t, true, func(c *symmetricFig1Config) { c.D, c.Iterations, c.Method = 300, 137, byBoth })
	at := inBasis(rep.Tables[0]).column("t")
	if n := len(at); n != 15 || at[n-1] != 137 {
		t.Errorf("compared at %v", at)
	}
}

// TestFig1MethodVerdictsCanFail: what is forged in the runs of both methods fails.
func TestFig1MethodVerdictsCanFail(t *testing.T) {
	table := inBasis(byMethod(t, byBoth, "diagonal", 1e-12).Tables[0])
	verdict := func(t *Table, tolerance float64, passes bool) Verdict {
		m := &making{Report: &Report{}}
		if passes {
			passesVerdict(m, t)
		} else {
			comparisonVerdict(m, tolerance, t)
		}
		return m.Verdicts[0]
	}
	changed := func(column string, row int, to float64) *Table {
		out := forged(table, column, func(v float64) float64 { return v })
		out.Rows[row][out.at(column)] = to
		return out
	}
	for _, c := range []struct {
		of        *Table
		tolerance float64
		passes    bool
		want      bool
	}{
		{table, 1e-12, false, true},
		{table, 1e-12, true, true},
		{changed("difference", 30, 2e-11), 1e-12, false, false},
		{changed("difference", 30, 2e-11), 1e-11, false, true},
		{changed("difference", 30, math.NaN()), 1e-12, false, false},
		{changed("passes", len(table.Rows)-1, mostPasses+1), 1e-12, true, false},
	} {
		if v := verdict(c.of, c.tolerance, c.passes); v.Pass != c.want {
			t.Errorf("%s; want %v", v, c.want)
		}
	}
	// A basis that is too coarse for what is asked of it.
	rep := byMethod(t, byBoth, "diagonal", 1e-4)
	strict := &making{Report: &Report{}}
	if comparisonVerdict(strict, 1e-12, inBasis(rep.Tables[0])); strict.Verdicts[0].Pass {
		t.Errorf("with a tolerance of 1e-4: %s", strict.Verdicts[0])
	}
}

// TestFig1MethodsResume: broken off and resumed, and made in stretches, the figure is
// the same by every method.
func TestFig1MethodsResume(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{byDirect, byKrylov, byBoth} {
		req := Request{Backend: b, Quick: true, Configure: func(config any) error {
			small(config.(*symmetricFig1Config))
			config.(*symmetricFig1Config).Method = method
			return nil
		}}
		whole, err := symmetricFig1.Run(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		same := func(rep *Report, how string) {
			t.Helper()
			for i, row := range whole.Tables[0].Rows {
				for j, v := range row {
					if w := rep.Tables[0].Rows[i][j]; v != w && !(math.IsNaN(v) && math.IsNaN(w)) {
						t.Fatalf("%s, %s: %s is %v, in one %v", method, how, whole.Tables[0].Columns[j], w, v)
					}
				}
			}
			if rep.Cost.Iterations != whole.Cost.Iterations || rep.Cost.Passes != whole.Cost.Passes {
				t.Errorf("%s, %s: the cost is %+v, in one %+v", method, how, rep.Cost, whole.Cost)
			}
		}
		req.Dir, req.Resume = t.TempDir(), true
		ctx, cancel := context.WithCancel(context.Background())
		req.Progress = func(_ string, done, _ int) {
			if done >= 215 {
				cancel()
			}
		}
		_, err = symmetricFig1.Run(ctx, req)
		if err == nil || !strings.Contains(err.Error(), "cancelled at iteration 215") || !strings.Contains(err.Error(), "--resume") {
			t.Fatalf("%s, broken off: %v", method, err)
		}
		from := -1
		req.Progress = func(_ string, done, _ int) {
			if from < 0 {
				from = done
			}
		}
		rep, err := symmetricFig1.Run(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		if from <= 200 {
			t.Errorf("%s: resumed from %d", method, from)
		}
		same(rep, "resumed")

		was := stretch
		stretch = -1
		req.Dir, req.Progress = t.TempDir(), nil
		rep, err = symmetricFig1.Run(context.Background(), req)
		stretch = was
		if err != nil {
			t.Fatal(err)
		}
		same(rep, "in stretches")
	}
}

func TestFig1MethodConfig(t *testing.T) {
	right := symmetricFig1Config{D: 300, R: 2, Scale: 0.5, Step: 0.1, Iterations: 10, Sigma: "diagonal", Method: byBoth, Tolerance: 1e-12}
	if err := right.check(); err != nil {
		t.Fatal(err)
	}
	wrong := func(set func(c *symmetricFig1Config), want string) {
		t.Helper()
		c := right
		set(&c)
		if err := c.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; expected %q", err, want)
		}
	}
	wrong(func(c *symmetricFig1Config) { c.Method = "lanczos" }, `method is "lanczos"; expected direct, krylov or both`)
	wrong(func(c *symmetricFig1Config) { c.Method = "" }, `method is ""; expected`)
	for _, v := range []float64{0, 1e-16, 0.01, -1, math.NaN()} {
		wrong(func(c *symmetricFig1Config) { c.Tolerance = v }, "expected a number from 1e-15 to below 1e-3")
	}
}
