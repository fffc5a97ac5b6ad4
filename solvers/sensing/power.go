package sensing

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Power is the power method beside gradient descent,
//
//	Ũ_t = (I + μ𝒜*(y))^t U_0
//
// ((7) of Stöger and Soltanolkotabi 2021), one product with 𝒜*(y) an iteration
// and no pass over the measurements. Ũ_t = 2^e·U with the elements of U of
// order one: it grows without bound and would overflow. Powers of two change
// none of its digits.
type Power[T blas.Float] struct {
	back     operator.Operator[T]
	mu       T
	u        blas.General[T]
	product  blas.General[T]
	exponent int
	t        int
}

// NewPower prepares the power method from U_0, n×r, which is copied.
func NewPower[T blas.Float](back operator.Operator[T], u0 blas.General[T], mu float64) *Power[T] {
	if u0.Rows != back.Dim() || u0.Cols < 1 {
		panic(badStart)
	}
	if !(T(mu) > 0) || math.IsInf(float64(T(mu)), 1) {
		panic(badStep)
	}
	p := &Power[T]{back: back, mu: T(mu), u: u0.Clone(), product: blas.NewGeneral[T](u0.Rows, u0.Cols)}
	p.normalize()
	return p
}

// Advance makes the products up to iteration t, which is not before the one
// reached.
func (p *Power[T]) Advance(t int) error {
	if t < p.t {
		panic(badTime)
	}
	for p.t < t {
		if err := p.back.Mul(p.product, p.u); err != nil {
			return err
		}
		for i, v := range p.product.Data {
			p.u.Data[i] += p.mu * v
		}
		p.normalize()
		p.t++
	}
	return nil
}

func (p *Power[T]) normalize() {
	var top float64
	for _, v := range p.u.Data {
		top = max(top, math.Abs(float64(v)))
	}
	if top == 0 || top-top != 0 {
		return
	}
	_, e := math.Frexp(top)
	if e == 0 {
		return
	}
	for i, v := range p.u.Data {
		p.u.Data[i] = T(math.Ldexp(float64(v), -e))
	}
	p.exponent += e
}

// U is Ũ_t/2^e, whose largest element is of order one. It shares storage with
// p. Its singular values drift apart as the eigenvalues of 𝒜*(y) differ; once
// σ_{r_*} is lost in rounding, ColumnsOf has no basis of its leading space.
func (p *Power[T]) U() blas.General[T] { return p.u }

// LogNorm is log‖Ũ_t‖_F.
func (p *Power[T]) LogNorm() float64 {
	return math.Log(solvers.Norm(p.u.Data)) + float64(p.exponent)*math.Ln2
}

// Iteration is t.
func (p *Power[T]) Iteration() int { return p.t }

type powerState[T blas.Float] struct {
	Iteration, Columns, Exponent int
	U                            []T
}

// Save returns the state, from which a power method of the same problem goes
// on with the same bits.
func (p *Power[T]) Save() ([]byte, error) {
	return solvers.EncodeState(powerState[T]{Iteration: p.t, Columns: p.u.Cols, Exponent: p.exponent, U: p.u.Data})
}

// Restore sets the state that Save returned.
func (p *Power[T]) Restore(data []byte) error {
	var st powerState[T]
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if len(st.U) != len(p.u.Data) || st.Columns != p.u.Cols || st.Iteration < 0 {
		return fmt.Errorf("the state of the power method is of another shape: Ũ has %d elements in %d columns; expected %d in %d", len(st.U), st.Columns, len(p.u.Data), p.u.Cols)
	}
	copy(p.u.Data, st.U)
	p.t, p.exponent = st.Iteration, st.Exponent
	return nil
}

const badTime = "sensing: the power method does not go back"
