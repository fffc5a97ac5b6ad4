package krylov

import (
	"math"

	"lowrank/blas"
)

// Rounding errors of a step, in units of 2⁻⁵³. They are chosen, not derived.
const (
	OfElements = 4.0 / (1 << 53) // of each element, new in every step
	ofSteady   = 1.0 / (1 << 53) // and the same in all: near a limit each step rounds as the last one did
	OfMatrix   = 2.0 / (1 << 53) // of each element of the small matrix, part of its norm
	OfStart    = 4.0 / (1 << 53) // of the start, part of a column, in any direction
)

// Samples is how many perturbations of random signs are followed. One alone may
// happen to have next to no part in the direction that decides; that two have is a
// hundred times less likely at a tenth of the error, not ten times. Margin times their
// norm is the estimate, for those that do.
const (
	Samples = 2
	Margin  = 3
)

// Unpredictable is the estimate past which the first order says nothing: the error may
// be ten times as large, and of one of a tenth the second order matters.
const Unpredictable = 0.01

// Signs are a stream of random signs, the same in every run.
type Signs struct{ State uint64 }

// NewSigns begins it.
func NewSigns() Signs { return Signs{0x9e3779b97f4a7c15} }

// next is a number from a distribution with variance 1 and all values between ±√3.
func (s *Signs) next() float64 {
	s.turn()
	return math.Sqrt(3) * (float64(s.State>>11)/(1<<52) - 1)
}

func (s *Signs) turn() {
	s.State ^= s.State << 13
	s.State ^= s.State >> 7
	s.State ^= s.State << 17
}

// Fixed are signs that stay the same in all steps, for each vector of a basis: those
// with which its elements are rounded again and again near a limit, and a vector v of
// which a matrix ±v·vᵀ, or v·wᵀ of two bases, stands for the errors of the small matrix.
// Both are errors of a symmetric matrix (of one and its transpose for two factors), as
// the real ones are: others would turn the columns of Z for ever, which costs nothing.
type Fixed struct {
	sample, side    int
	elements, cross []float64
}

// NewFixed is the one of a sample and of a basis, the first or the second.
func NewFixed(sample, side int) Fixed { return Fixed{sample: sample, side: side} }

// Grow makes it one of so many vectors.
func (f *Fixed) Grow(rows int) {
	for i := len(f.cross); i < rows; i++ {
		h := uint64(i*2*Samples+f.sample*2+f.side+1) * 0x9e3779b97f4a7c15
		h = (h ^ h>>32) * 0xd6e8feb86659fd93
		h ^= h >> 32
		f.elements = append(f.elements, 1-2*float64(h&1))
		f.cross = append(f.cross, 1-2*float64(h>>32&1))
	}
}

// Sum sets sums to vᵀz.
func (f *Fixed) Sum(sums []float64, z blas.General[float64]) {
	clear(sums)
	if len(sums) == 2 {
		var s0, s1 float64
		for i, v := range f.cross {
			row := z.Data[i*z.Stride:][:2]
			s0 += v * row[0]
			s1 += v * row[1]
		}
		sums[0], sums[1] = s0, s1
		return
	}
	for i, v := range f.cross {
		for c, w := range z.Row(i) {
			sums[c] += v * w
		}
	}
}

// Add adds to δ what rounding does to the elements of z, new and as ever, and
// amount·v·sumsᵀ for the small matrix.
func (s *Signs) Add(delta, z blas.General[float64], f *Fixed, amount float64, sums []float64) {
	if len(sums) == 2 {
		s.add2(delta, z, f, amount*sums[0], amount*sums[1])
		return
	}
	for i, v := range f.cross {
		s.turn()
		bits := s.State
		steady, matrix := ofSteady*f.elements[i], amount*v
		sign := [2]float64{steady + OfElements, steady - OfElements}
		to, row := delta.Row(i), z.Row(i)
		for c, w := range sums {
			to[c] += sign[bits>>(c&63)&1]*row[c] + matrix*w
		}
	}
}

// add2 is Add for two columns.
func (s *Signs) add2(delta, z blas.General[float64], f *Fixed, w0, w1 float64) {
	sign := [2]float64{OfElements, -OfElements}
	elements := f.elements[:len(f.cross)]
	for i, v := range f.cross {
		s.turn()
		steady := ofSteady * elements[i]
		to, row := delta.Data[i*delta.Stride:][:2], z.Data[i*z.Stride:][:2]
		to[0] += (sign[s.State&1]+steady)*row[0] + v*w0
		to[1] += (sign[s.State>>1&1]+steady)*row[1] + v*w1
	}
}

// AddRow adds ±amount·norm of its column to each element of a row of δ, with random
// signs that are the same in all steps; of row −1, of a guard that is not there, to none.
func AddRow(sample int, delta blas.General[float64], row int, amount float64, norms []float64) {
	if row < 0 {
		return
	}
	h := uint64(row*Samples+sample+1) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	sign := [2]float64{amount, -amount}
	to := delta.Row(row)
	for c, n := range norms {
		to[c] += sign[h>>(32+c&31)&1] * n
	}
}

// ColumnNorms sets norms to those of the columns of z, g = zᵀz.
func ColumnNorms(norms []float64, z blas.General[float64], g []float64) {
	k := z.Cols
	for c := range norms {
		if v := g[c*k+c]; v > 1e-280 {
			norms[c] = math.Sqrt(v)
			continue
		}
		norms[c] = 0 // squares underflow
		for i := range z.Rows {
			norms[c] = math.Hypot(norms[c], z.Row(i)[c])
		}
	}
}
