package deep

import (
	"fmt"
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/solvers"
)

// Solver holds one trajectory. W_j is d_j×d_{j−1}, Ŵ is d_N×d_0. With
// F = Σ_j d_jd_{j−1} its storage is 2F elements for the factors, the chain of
// partial products, Ŵ and W − Ŵ, and 2 matrices as large as the largest of all
// these, 3 once RelativeGradient was called.
type Solver[T blas.Float] struct {
	blas.Routines[T]
	target blas.General[T]
	eta    T
	order  order

	w     []blas.General[T] // W_1 … W_N
	grad  []blas.General[T] // the gradients at w, when known; then the next iterate
	known bool              // grad holds the gradients at w
	chain []blas.General[T] // partial products; see order
	diff  blas.General[T]   // W − Ŵ at the current iterate
	turn  [2][]T            // of the other half of the gradients
	one   []T               // a gradient of which only the norm is wanted
	t     int

	loss, start, normTarget float64 // ‖W − Ŵ‖_F now and at the start, ‖Ŵ‖_F
}

// order is the side from which the partial products are formed. Both find all
// gradients with 3(N−1) products; the smaller outer dimension makes them
// cheaper.
type order int

const (
	// fromRight: the chain is R_j = W_{j−1}⋯W_1, B_j = (W_N⋯W_{j+1})ᵀ(W − Ŵ)
	// goes from W_N down, the gradient is B_jR_jᵀ: 6d_0·Σ_{j≥2} d_jd_{j−1}
	// operations.
	fromRight order = iota
	// fromLeft: the chain is S_j = W_N⋯W_{j+1}, C_j = (W − Ŵ)(W_{j−1}⋯W_1)ᵀ
	// goes from W_1 up, the gradient is S_jᵀC_j: 6d_N·Σ_{j<N} d_jd_{j−1}
	// operations.
	fromLeft
)

// New prepares gradient descent on Ŵ with step η > 0 from the factors w0, W_1
// first, which are copied. Their product must be of Ŵ's shape.
func New[T blas.Float](b *blas.Backend, target blas.General[T], w0 []blas.General[T], eta float64) *Solver[T] {
	if Dims(w0) == nil || w0[0].Cols != target.Cols || w0[len(w0)-1].Rows != target.Rows {
		panic(badStart)
	}
	if !(T(eta) > 0) || math.IsInf(float64(T(eta)), 1) {
		panic(badStep)
	}
	s := &Solver[T]{
		Routines: blas.RoutinesOf[T](b.BLAS), target: target.Clone(), eta: T(eta),
		diff: blas.NewGeneral[T](target.Rows, target.Cols), normTarget: solvers.Norm(target.Clone().Data),
	}
	n := len(w0)
	var right, left float64
	largest := len(s.diff.Data)
	for j, w := range w0 {
		s.w, s.grad = append(s.w, w.Clone()), append(s.grad, blas.NewGeneral[T](w.Rows, w.Cols))
		size := float64(w.Rows) * float64(w.Cols)
		if j > 0 {
			right += size * float64(target.Cols)
		}
		if j < n-1 {
			left += size * float64(target.Rows)
		}
		largest = max(largest, w.Rows*w.Cols)
	}
	if left < right {
		s.order = fromLeft
	}
	// chain[j] is a product of 2 … N−1 factors; the others are factors
	// themselves or Ŵ's.
	s.chain = make([]blas.General[T], n)
	for j := 1; j < n-1; j++ {
		rows, cols := s.w[j].Rows, target.Cols // W_{j+1}⋯W_1, from the right
		if s.order == fromLeft {
			rows, cols = target.Rows, s.w[j].Cols // W_N⋯W_{j+1}
		}
		s.chain[j] = blas.NewGeneral[T](rows, cols)
		largest = max(largest, rows*cols)
	}
	s.turn = [2][]T{make([]T, largest), make([]T, largest)}
	s.forward()
	s.start = s.loss
	return s
}

// Dims are d_0 … d_N of a product of factors, nil when their shapes do not
// chain or there are none.
func Dims[T blas.Float](w []blas.General[T]) []int {
	if len(w) == 0 {
		return nil
	}
	dims := []int{w[0].Cols}
	for _, f := range w {
		if f.Rows < 1 || f.Cols != dims[len(dims)-1] {
			return nil
		}
		dims = append(dims, f.Rows)
	}
	return dims
}

// mul sets c = op(a)·op(b).
func (s *Solver[T]) mul(ta, tb gblas.Transpose, a, b, c blas.General[T]) {
	k := a.Cols
	if ta == gblas.Trans {
		k = a.Rows
	}
	s.Gemm(ta, tb, c.Rows, c.Cols, k, 1, a.Data, a.Stride, b.Data, b.Stride, 0, c.Data, c.Stride)
}

// shaped is a matrix without gaps in the memory of buf.
func shaped[T blas.Float](buf []T, rows, cols int) blas.General[T] {
	return blas.General[T]{Rows: rows, Cols: cols, Stride: cols, Data: buf[:rows*cols]}
}

// part is the partial product of the factors up to W_{j+1} (from the right) or
// from W_{j+1} on (from the left).
func (s *Solver[T]) part(j int) blas.General[T] {
	if s.order == fromRight && j == 0 || s.order == fromLeft && j == len(s.w)-1 {
		return s.w[j]
	}
	return s.chain[j]
}

// forward forms the chain and W − Ŵ.
func (s *Solver[T]) forward() {
	n := len(s.w)
	const no = gblas.NoTrans
	if s.order == fromRight {
		for j := 1; j < n-1; j++ {
			s.mul(no, no, s.w[j], s.part(j-1), s.chain[j])
		}
	} else {
		for j := n - 2; j > 0; j-- {
			s.mul(no, no, s.part(j+1), s.w[j], s.chain[j])
		}
	}
	s.product(s.diff)
	for i, v := range s.target.Data {
		s.diff.Data[i] -= v
	}
	s.loss = solvers.Norm(s.diff.Data)
	s.known = false
}

// product sets dst = W_N⋯W_1 from the chain.
func (s *Solver[T]) product(dst blas.General[T]) {
	n := len(s.w)
	const no = gblas.NoTrans
	switch {
	case n == 1:
		dst.Copy(s.w[0])
	case s.order == fromRight:
		s.mul(no, no, s.w[n-1], s.part(n-2), dst)
	default:
		s.mul(no, no, s.part(1), s.w[0], dst)
	}
}

// backward calls each with the gradient of every factor, where e stands for
// W − Ŵ; into says where it is written.
func (s *Solver[T]) backward(e blas.General[T], into func(j int) blas.General[T]) {
	n := len(s.w)
	const no, trans = gblas.NoTrans, gblas.Trans
	turn := 0
	other := func(rows, cols int) blas.General[T] {
		turn = 1 - turn
		return shaped(s.turn[turn], rows, cols)
	}
	if s.order == fromRight {
		for j := n - 1; j > 0; j-- {
			s.mul(no, trans, e, s.part(j-1), into(j))
			next := other(s.w[j].Cols, e.Cols)
			s.mul(trans, no, s.w[j], e, next)
			e = next
		}
		into(0).Copy(e)
		return
	}
	for j := range n - 1 {
		s.mul(trans, no, s.part(j+1), e, into(j))
		next := other(e.Rows, s.w[j].Rows)
		s.mul(no, trans, e, s.w[j], next)
		e = next
	}
	into(n - 1).Copy(e)
}

// growth is how many times ‖W − Ŵ‖ may exceed both ‖Ŵ‖ and what it was at the
// start before a trajectory is called divergent.
const growth = 1e8

// Reasons of a divergence.
const (
	notFinite        = "the next iterate is not finite"
	productNotFinite = "the product of the next factors is not finite"
)

func outgrown(loss float64) string {
	return fmt.Sprintf("‖W − Ŵ‖_F = %.3g and growing; a smaller step or start is needed", loss)
}

// Step makes one iteration. It allocates nothing unless it fails.
func (s *Solver[T]) Step() error {
	s.gradients()
	finite := true
	for j, w := range s.w {
		next := s.grad[j].Data
		for i, v := range w.Data {
			v -= s.eta * next[i]
			finite = finite && v-v == 0
			next[i] = v
		}
	}
	s.known = false
	if !finite {
		return s.diverged(notFinite)
	}
	s.w, s.grad = s.grad, s.w
	s.forward()
	if !(s.loss <= math.MaxFloat64) {
		s.w, s.grad = s.grad, s.w
		s.forward()
		return s.diverged(productNotFinite)
	}
	s.t++
	if !(s.loss <= growth*max(s.normTarget, s.start)) {
		return s.diverged(outgrown(s.loss))
	}
	return nil
}

// gradients makes sure that grad holds the gradients at the current iterate.
func (s *Solver[T]) gradients() {
	if !s.known {
		s.backward(s.diff, s.intoGradient)
		s.known = true
	}
}

func (s *Solver[T]) intoGradient(j int) blas.General[T] { return s.grad[j] }

func (s *Solver[T]) diverged(reason string) error {
	return &solvers.Divergence{Iteration: s.t, Reason: reason}
}

// Factors are W_1 … W_N. They share storage with the solver: the next Step
// overwrites them.
func (s *Solver[T]) Factors() []blas.General[T] { return s.w }

// Gradients are those of the loss with respect to W_1 … W_N at the current
// iterate. They share storage with the solver.
func (s *Solver[T]) Gradients() []blas.General[T] {
	s.gradients()
	return s.grad
}

// Product is W_N⋯W_1 in new storage. It is multiplied anew: where W is far
// below Ŵ, as at a small start, W − Ŵ has lost its digits.
func (s *Solver[T]) Product() blas.General[T] {
	w := blas.NewGeneral[T](s.target.Rows, s.target.Cols)
	s.product(w)
	return w
}

// Loss is L = ½‖W − Ŵ‖_F² at the current iterate.
func (s *Solver[T]) Loss() float64 { return s.loss * s.loss / 2 }

// Error is ‖W − Ŵ‖_F/‖Ŵ‖_F at the current iterate, without the division when
// Ŵ is zero.
func (s *Solver[T]) Error() float64 {
	if s.normTarget == 0 {
		return s.loss
	}
	return s.loss / s.normTarget
}

// StepSize is η as it was rounded to the element type.
func (s *Solver[T]) StepSize() float64 { return float64(s.eta) }

// Iteration is t, the number of steps made.
func (s *Solver[T]) Iteration() int { return s.t }

// Passes is the number of readings of Ŵ: one a step.
func (s *Solver[T]) Passes() int { return s.t }

// Flops is what a step computes in products.
func (s *Solver[T]) Flops() float64 {
	var sum float64
	for j, w := range s.w {
		size := float64(w.Rows) * float64(w.Cols)
		switch {
		case s.order == fromRight && j > 0:
			sum += size * float64(s.target.Cols)
		case s.order == fromLeft && j < len(s.w)-1:
			sum += size * float64(s.target.Rows)
		}
	}
	return 6 * sum
}

// RelativeGradient is the norm of all gradients at the current iterate divided
// by that of the terms (W_N⋯W_{j+1})ᵀŴ(W_{j−1}⋯W_1)ᵀ in them; NaN where these
// are zero, not finite, or too small for the element type. It costs as much as the gradients.
func (s *Solver[T]) RelativeGradient() float64 {
	s.gradients()
	var gradient, product float64
	for _, g := range s.grad {
		gradient = math.Hypot(gradient, solvers.Norm(g.Data))
	}
	if s.one == nil {
		s.one = make([]T, len(s.turn[0]))
	}
	var last blas.General[T]
	s.backward(s.target, func(j int) blas.General[T] {
		product = math.Hypot(product, solvers.Norm(last.Data))
		last = shaped(s.one, s.w[j].Rows, s.w[j].Cols)
		return last
	})
	product = math.Hypot(product, solvers.Norm(last.Data))
	var n int
	for _, g := range s.grad {
		n += len(g.Data)
	}
	return solvers.Ratio[T](gradient, product, n)
}

// Terms are those of the gradients. Where the product is learnt all its terms are of one
// size, relative to which RelativeGradient is; the products of N factors have sums one after
// the other, whose errors add up.
func (s *Solver[T]) Terms() solvers.Terms {
	n, longest := float64(len(s.w)), 0
	for _, w := range s.w {
		longest = max(longest, w.Rows, w.Cols)
	}
	return solvers.Terms{Length: n * n * float64(longest), Product: 1, Iterate: 1, Epsilon: solvers.Epsilon[T]()}
}

// Panic strings of this package, for errors of the programmer.
const (
	badStart = "deep: the factors must chain to a product of the target's shape"
	badStep  = "deep: the step must be positive and finite"
)
