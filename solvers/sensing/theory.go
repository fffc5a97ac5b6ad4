package sensing

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// Setting is what the bounds of Theorem 3.3 (Stöger and Soltanolkotabi 2021)
// depend on. They are claimed for r ≥ 2r_*, up to constants that the paper does
// not give; here these are taken as 1.
type Setting struct {
	N, Rank, Columns int     // n, r_*, r
	Kappa            float64 // κ = ‖X‖/σ_{r_*}(X)
	NormX            float64 // ‖X‖
	NormXX           float64 // ‖XXᵀ‖_F
	Alpha            float64 // U_0 = αU
	Mu               float64
	Noise            float64 // ‖y − 𝒜(XXᵀ)‖/‖y‖
}

// SettingOf takes κ and the norms from X, n×r_*.
func SettingOf[T blas.Float](x blas.General[T], columns int, alpha, mu float64) Setting {
	sigma := ColumnsOf(x, 0).Sigma
	s := Setting{N: x.Rows, Rank: x.Cols, Columns: columns, Kappa: math.Inf(1), Alpha: alpha, Mu: mu}
	if len(sigma) == 0 {
		return s
	}
	s.NormX = sigma[0]
	if last := sigma[len(sigma)-1]; x.Cols <= x.Rows && last > 0 {
		s.Kappa = s.NormX / last
	}
	for _, v := range sigma {
		s.NormXX = math.Hypot(s.NormXX, v*v)
	}
	return s
}

// least is min{r; n}.
func (s Setting) least() float64 { return float64(min(s.Columns, s.N)) }

// InitialScale is the right side of (4), which bounds α from above:
//
//	min{ min{r;n}^¼/(κ^½n^¾)·(2κ²√(n/min{r;n}))^(−6κ²); 1/(κ⁷n) }·‖X‖
func (s Setting) InitialScale() float64 {
	n, q := float64(s.N), s.least()
	k2 := s.Kappa * s.Kappa
	first := math.Pow(q, 0.25) / (math.Sqrt(s.Kappa) * math.Pow(n, 0.75)) * math.Pow(2*k2*math.Sqrt(n/q), -6*k2)
	return min(first, 1/(math.Pow(s.Kappa, 7)*n)) * s.NormX
}

// TestError is the right side of (5), which bounds ‖U_t̂U_t̂ᵀ − XXᵀ‖_F/‖X‖²:
//
//	n²κ^(81/16)r_*^(1/8)/min{r;n}^(15/16)·(α/‖X‖)^(21/16)
func (s Setting) TestError() float64 {
	n := float64(s.N)
	return n * n * math.Pow(s.Kappa, 81./16) * math.Pow(float64(s.Rank), 1./8) / math.Pow(s.least(), 15./16) * math.Pow(s.Alpha/s.NormX, 21./16)
}

// Durations are the three terms of (6), which bound the iterations of phases I,
// II and III:
//
//	1/(μσ_min²)·{ ln(2κ²√(n/min{r;n})), ln(σ_min/α), ln(max{1; κr_*/(min{r;n} − r_*)}·‖X‖/α) }
func (s Setting) Durations() [3]float64 {
	q, low := s.least(), s.NormX/s.Kappa
	scale := 1 / (s.Mu * low * low)
	return [3]float64{
		scale * math.Log(2*s.Kappa*s.Kappa*math.Sqrt(float64(s.N)/q)),
		scale * math.Log(low/s.Alpha),
		scale * math.Log(max(1, s.Kappa*float64(s.Rank)/(q-float64(s.Rank)))*s.NormX/s.Alpha),
	}
}

// Checks sets a run beside (4), (5) and (6). The bounds hold up to constants
// that are not known: the verdict is Reported, or NotMet where r < 2r_*. Test
// is the smallest ‖UUᵀ − XXᵀ‖_F/‖XXᵀ‖_F of the run; NaN, and marks of −1, are
// what the run did not show.
func (s Setting) Checks(test float64, marks Marks) []solvers.Check {
	names := []string{"(4), scale of initialization", "(5), test error", "(6), phase I", "(6), phase II", "(6), phase III"}
	unmet := ""
	switch {
	case s.Columns < 2*s.Rank:
		unmet = fmt.Sprintf("r = %d, the claim is for r ≥ 2r_* = %d", s.Columns, 2*s.Rank)
	case s.Noise > 0:
		unmet = fmt.Sprintf("y has noise of %.3g‖y‖, the claim is for y = 𝒜(XXᵀ)", s.Noise)
	case !(s.NormX > 0) || math.IsInf(s.Kappa, 1):
		unmet = "X has linearly dependent columns"
	}
	checks := make([]solvers.Check, len(names))
	for i, name := range names {
		if unmet != "" {
			checks[i] = solvers.Unmet(name, "paper", unmet)
			continue
		}
		checks[i] = solvers.Check{Name: name, Source: "paper", Verdict: solvers.Reported, Relation: "≤", At: -1}
	}
	if unmet != "" {
		return checks
	}
	k4 := math.Pow(s.Kappa, -4)
	checks[0].Left, checks[0].Right = s.Alpha, s.InitialScale()
	checks[0].Note = fmt.Sprintf("up to a constant; μ = %.3g and δ have to be below c times %.3g and %.3g, c unknown", s.Mu, k4/(s.NormX*s.NormX), k4/math.Sqrt(float64(s.Rank)))
	checks[1].Left, checks[1].Right, checks[1].At = test*s.NormXX/(s.NormX*s.NormX), s.TestError(), marks.Settled
	checks[1].Note = "relative to ‖X‖², up to a constant"
	bounds, from := s.Durations(), 0
	for i, to := range [3]int{marks.Aligned, marks.Saddle, marks.Settled} {
		c := &checks[2+i]
		c.Left, c.Right, c.At = math.NaN(), bounds[i], to
		if math.IsInf(bounds[i], 0) {
			*c = solvers.Unmet(c.Name, "paper", fmt.Sprintf("the expression is infinite: min(r, n) = %.0f, r_* = %d, α = %.3g", s.least(), s.Rank, s.Alpha))
		} else if from >= 0 && to >= from {
			c.Left = float64(to - from)
			c.Note = "iterations up to a constant; where a phase ends is inferred"
		} else {
			why := "the phase did not end in this run"
			switch {
			case to >= 0 && from < 0:
				why = "the phase before it has no end"
			case to >= 0:
				why = "it ended before the phase that precedes it"
			}
			*c = solvers.Unmet(c.Name, "paper", why)
		}
		from = to
	}
	return checks
}
