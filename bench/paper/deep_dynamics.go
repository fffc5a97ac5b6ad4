package paper

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"lowrank/bench/figure"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

// recursion is gradient descent of eigenvalues alone. From the starts (7), with
// β = 0, and (13) all factors stay diagonal in the eigenbasis of Ŵ (Lemmas 2.1
// and 2.8), so that these numbers are the run of matrices.
type recursion struct {
	depth  int
	lambda []float64
	eta    float64
	pairs  []deep.FactorPair
	next   []deep.FactorPair
	t      int
}

func newRecursion(depth int, lambda []float64, alpha, beta, eta float64) *recursion {
	r := &recursion{depth: depth, lambda: lambda, eta: eta, next: make([]deep.FactorPair, len(lambda))}
	for range lambda {
		r.pairs = append(r.pairs, deep.NewFactorPair(alpha, beta))
	}
	return r
}

func (r *recursion) Step() error {
	for i, p := range r.pairs {
		r.next[i] = p.Step(deep.Params{Depth: r.depth, Lambda: r.lambda[i], Eta: r.eta})
		if v := r.next[i].Product(r.depth); math.IsNaN(v) || math.IsInf(v, 0) {
			return &solvers.Divergence{Iteration: r.t, Reason: fmt.Sprintf("the eigenvalue that belongs to λ "+
				"= %g grows without bound", r.lambda[i])}
		}
	}
	r.pairs, r.next = r.next, r.pairs
	r.t++
	return nil
}

func (r *recursion) Iteration() int            { return r.t }
func (r *recursion) RelativeGradient() float64 { return math.NaN() }
func (r *recursion) Passes() int               { return 0 }

// products are the eigenvalues of W(k), in the order of lambda.
func (r *recursion) products() []float64 {
	out := make([]float64, len(r.pairs))
	for i, p := range r.pairs {
		out[i] = p.Product(r.depth)
	}
	return out
}

// follow runs recursions and shows every iterate of each.
func (m *making) follow(ctx context.Context, stage string, runs []*recursion, iterations []int, see func(run, k int)) error {
	var paths []trajectory
	for i, r := range runs {
		paths = append(paths, trajectory{
			stop: solvers.Stop{Iterations: iterations[i]}, recorder: eachIterate(func(k int) { see(i, k) }), every: 1,
			load: scalarLoad(len(r.lambda), float64(3*r.depth+6)),
		})
	}
	results, err := m.runEach(ctx, stage, solvers.EnsembleOf(runs...), paths)
	if err != nil {
		return err
	}
	return m.allBounded(results, func(i int) string { return fmt.Sprintf("N = %d with η = %.3g", runs[i].depth, runs[i].eta) })
}

// allBounded is an error where a run diverged.
func (m *making) allBounded(results []solvers.Result, name func(i int) string) error {
	for i, r := range results {
		if r.Status == solvers.Diverged {
			return fmt.Errorf("%s: the run of %s diverged: %s", m.Figure, name(i), r.Reason)
		}
	}
	return nil
}

// eachIterate is a function as a recorder.
type eachIterate func(k int)

func (f eachIterate) Record(k int) error {
	f(k)
	return nil
}

// thinned shows a recorder the iterates of thinly.
type thinned struct {
	solvers.Recorder
	dense, last int
}

func (r thinned) Record(k int) error {
	if !thinly(k, r.dense, r.last) {
		return nil
	}
	return r.Recorder.Record(k)
}

// thinly tells whether iterate k of a run to last belongs in a table: all of the
// first ones, then dense to twice as many of each doubling, and the last.
func thinly(k, dense, last int) bool {
	every := 1
	for k >= 2*dense*every {
		every *= 2
	}
	return k%every == 0 || k == last
}

// numbered are column names: prefix_1 … prefix_n.
func numbered(prefix string, n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("%s_%d", prefix, i+1))
	}
	return names
}

// depthName ends the names of columns and tables of one depth.
func depthName(depth int) string { return fmt.Sprintf("N%d", depth) }

// subscript is a small number as text.
func subscript(i int) string {
	digits := []rune("₀₁₂₃₄₅₆₇₈₉")
	var b strings.Builder
	for _, d := range fmt.Sprint(i) {
		b.WriteRune(digits[d-'0'])
	}
	return b.String()
}

// numberList is a list of numbers as text.
func numberList[T int | float64](v []T) string {
	var s []string
	for _, x := range v {
		s = append(s, signed(x))
	}
	return strings.Join(s, ", ")
}

// signed is a number with a true minus sign.
func signed[T int | float64](v T) string {
	if s, negative := strings.CutPrefix(fmt.Sprint(v), "-"); negative {
		return "−" + s
	}
	return fmt.Sprint(v)
}

// descending checks a spectrum.
func descending(name string, lambda []float64) error {
	for i, l := range lambda {
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return fmt.Errorf("%s[%d] is %g; expected a finite number", name, i, l)
		}
		if i > 0 && l >= lambda[i-1] {
			return fmt.Errorf("%s is %v; expected different numbers, largest first", name, lambda)
		}
	}
	if len(lambda) == 0 {
		return fmt.Errorf("%s is empty; expected at least one value", name)
	}
	return nil
}

// positiveSpectrum checks one without negative eigenvalues or zeros.
func positiveSpectrum(name string, lambda []float64) error {
	if err := descending(name, lambda); err != nil {
		return err
	}
	return positive(fmt.Sprintf("%s[%d]", name, len(lambda)-1), lambda[len(lambda)-1])
}

// depthsAre checks a list of depths of a factorization: more than one, none
// twice, so that each has its columns.
func depthsAre(name string, depths []int) error {
	for i, n := range depths {
		if slices.Contains(depths[:i], n) {
			return fmt.Errorf("%s holds %d twice", name, n)
		}
	}
	return eachOf(name, depths, least(2))
}

// properFraction checks a number between 0 and 1.
func properFraction(name string, v float64) error {
	if !(v > 0 && v < 1) {
		return fmt.Errorf("%s is %g; expected a number between 0 and 1", name, v)
	}
	return nil
}

// perDepth checks a list with a positive number for each depth.
func perDepth(name string, values []float64, depths []int) error {
	if len(values) != len(depths) {
		return fmt.Errorf("%s has %d values for %d depths", name, len(values), len(depths))
	}
	return eachOf(name, values, positive)
}

// countPerDepth checks a list with a number of iterations for each depth.
func countPerDepth(name string, values, depths []int) error {
	if len(values) != len(depths) {
		return fmt.Errorf("%s has %d values for %d depths", name, len(values), len(depths))
	}
	return eachOf(name, values, least(1))
}

// withZeros is a spectrum with zeros up to n.
func withZeros(lambda []float64, n int) []float64 {
	out := make([]float64, n)
	copy(out, lambda)
	return out
}

// ascend tells whether each number is larger than the one before, and all are
// finite.
func ascend(v []float64) bool {
	for i, x := range v {
		if math.IsInf(x, 0) || math.IsNaN(x) || i > 0 && x <= v[i-1] {
			return false
		}
	}
	return true
}

// iterationList are iteration numbers as text.
func iterationList(v []float64) string {
	var s []string
	for _, x := range v {
		if math.IsInf(x, 1) {
			s = append(s, "never")
			continue
		}
		s = append(s, fmt.Sprintf("%.0f", x))
	}
	return strings.Join(s, ", ")
}

// windowStarts names the windows where they begin, for grey print.
func windowStarts(windows []rankWindow) (out []figure.Vertical) {
	for _, w := range windows {
		if w.lo <= w.hi {
			out = append(out, figure.Vertical{X: w.lo, Label: fmt.Sprintf("L = %d", w.L)})
		}
	}
	return out
}

// windowBands draws windows, the empty ones left out.
func windowBands(windows []rankWindow, name string) []figure.Band {
	var out []figure.Band
	for i, w := range windows {
		if !(w.lo <= w.hi) {
			continue
		}
		out = append(out, figure.Band{X0: w.lo, X1: w.hi, Name: fmt.Sprintf("%s, L = %d", name, w.L), Color: i})
	}
	return out
}

// rankHeights draws r(W_1), r(W_2), …
func rankHeights(lambda []float64, rank int) []figure.Horizontal {
	var out []figure.Horizontal
	for L := 1; L <= rank; L++ {
		h := deep.EffectiveRank(lambda[:L])
		out = append(out, figure.Horizontal{Y: h, Label: fmt.Sprintf("r(W%s) = %.3g", subscript(L), h)})
	}
	return out
}

// trueValues draws the eigenvalues of Ŵ.
func trueValues(lambda []float64) []figure.Horizontal {
	var out []figure.Horizontal
	for i, l := range lambda {
		out = append(out, figure.Horizontal{Y: l, Label: fmt.Sprintf("λ%s = %s", subscript(i+1), signed(l))})
	}
	return out
}

func axisLimit(v float64) *float64 { return &v }
