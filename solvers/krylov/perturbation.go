package krylov

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// A perturbation δ of a factor Z moves, to first order, as δ + η(product − δG − Zp)
// with a Gram matrix G and p = zᵀδ + δᵀz; these are the parts of that which the
// systems share.

// Rounding errors of a step, in units of 2⁻⁵³. They are chosen, not derived.
const (
	OfElements = 4.0 / (1 << 53) // of each element, new in every step
	OfSteady   = 1.0 / (1 << 53) // and the same in all: near a limit each step rounds as the last one did
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

// LeastBlocks is how many blocks a basis gets in the first iterations, one in each,
// also where X needs fewer: for the directions that only rounding errors excite, of
// which the guard tells.
const LeastBlocks = 12

// Unpredictable is the estimate past which the first order says nothing: the error may
// be ten times as large, and of one of a tenth the second order matters.
const Unpredictable = 0.01

// Perturbations of a factor Z, n×k, side by side: one of what leaves the basis, and
// samples of rounding.
type Perturbations struct {
	blas    blas.Routines[float64]
	k       int
	all     blas.General[float64] // n×(1+Samples)k
	product blas.General[float64] // of a matrix with all, or with those of another factor
	p       blas.General[float64] // of Cross
}

// NewPerturbations are those of a factor of so many rows and columns, all zero.
func NewPerturbations(b *blas.Backend, rows, k int) *Perturbations {
	columns := (1 + Samples) * k
	d := &Perturbations{blas: blas.RoutinesOf[float64](b.BLAS), k: k, all: blas.NewGeneral[float64](0, columns), p: blas.NewGeneral[float64](k, columns)}
	d.Enlarge(rows)
	return d
}

// Enlarge adds rows of zeros.
func (d *Perturbations) Enlarge(rows int) {
	d.all = Padded(d.all, rows)
	d.product = blas.NewGeneral[float64](rows, d.all.Cols)
}

// Cut is that of what leaves the basis, Rounding that of a sample. They are parts of All.
func (d *Perturbations) Cut() blas.General[float64] { return columnsOf(d.all, 0, d.k) }
func (d *Perturbations) Rounding(i int) blas.General[float64] {
	return columnsOf(d.all, (1+i)*d.k, d.k)
}
func (d *Perturbations) All() blas.General[float64] { return d.all }

// Product prepares Turn: multiply makes products of the perturbations of a factor. It
// returns that of the cut, to be added to.
func (d *Perturbations) Product(multiply func(dst, x blas.General[float64]), of *Perturbations) (ofCut blas.General[float64]) {
	multiply(d.product, of.all)
	return columnsOf(d.product, 0, d.k)
}

// Cross returns p = zᵀδ + δᵀz of each, side by side. The next call overwrites it.
func (d *Perturbations) Cross(z blas.General[float64]) (p blas.General[float64]) {
	if d.k > 2 {
		d.blas.Gemm(gblas.Trans, gblas.NoTrans, d.k, d.all.Cols, z.Rows, 1, z.Data, z.Stride, d.all.Data, d.all.Stride, 0, d.p.Data, d.p.Stride)
	}
	for at := 0; at < d.all.Cols; at += d.k {
		p := columnsOf(d.p, at, d.k)
		switch d.k {
		case 1:
			cross1(p, z, columnsOf(d.all, at, 1))
		case 2:
			cross2(p, z, columnsOf(d.all, at, 2))
		default:
			for a := range d.k {
				for c := range a + 1 {
					sum := p.Row(a)[c] + p.Row(c)[a]
					p.Row(a)[c], p.Row(c)[a] = sum, sum
				}
			}
		}
	}
	return d.p
}

// Turn sets δ ← δ + η(product − δg − zp) for all, each with its part of p, and returns the
// sum of ‖δ‖². It uses up the product.
func (d *Perturbations) Turn(z blas.General[float64], g []float64, p blas.General[float64], eta float64) (squares float64) {
	k := d.k
	if k > 2 {
		for at := 0; at < d.all.Cols; at += k {
			delta, product := columnsOf(d.all, at, k), columnsOf(d.product, at, k)
			d.blas.Gemm(gblas.NoTrans, gblas.NoTrans, delta.Rows, k, k, -1, delta.Data, delta.Stride, g, k, 1, product.Data, product.Stride)
		}
		d.blas.Gemm(gblas.NoTrans, gblas.NoTrans, z.Rows, d.all.Cols, k, -1, z.Data, z.Stride, p.Data, p.Stride, 1, d.product.Data, d.product.Stride)
		for i, v := range d.product.Data[:d.all.Rows*d.all.Cols] {
			v = d.all.Data[i] + eta*v
			d.all.Data[i] = v
			squares += v * v
		}
		return squares
	}
	for at := 0; at < d.all.Cols; at += k {
		delta, product, p := columnsOf(d.all, at, k), columnsOf(d.product, at, k), columnsOf(p, at, k)
		if k == 1 {
			squares += turn1(delta, product, z, g[0], p.Data[0], eta)
		} else {
			squares += turn2(delta, product, z, g, p, eta)
		}
	}
	return squares
}

// cross1 and cross2 are Cross for one and two columns, turn1 and turn2 Turn.
func cross1(p, z, delta blas.General[float64]) {
	var sum float64
	for i := range z.Rows {
		sum += z.Data[i*z.Stride] * delta.Data[i*delta.Stride]
	}
	p.Data[0] = 2 * sum
}

func cross2(p, z, delta blas.General[float64]) {
	var p00, p01, p10, p11 float64
	for i := range z.Rows {
		a, d := z.Data[i*z.Stride:], delta.Data[i*delta.Stride:]
		a, d = a[:2], d[:2]
		p00 += a[0] * d[0]
		p01 += a[0] * d[1]
		p10 += a[1] * d[0]
		p11 += a[1] * d[1]
	}
	copy(p.Row(0), []float64{2 * p00, p01 + p10})
	copy(p.Row(1), []float64{p01 + p10, 2 * p11})
}

func turn1(delta, product, z blas.General[float64], g, p, eta float64) (squares float64) {
	for i := range delta.Rows {
		d := &delta.Data[i*delta.Stride]
		*d += eta * (product.Data[i*product.Stride] - *d*g - z.Data[i*z.Stride]*p)
		squares += *d * *d
	}
	return squares
}

func turn2(delta, product, z blas.General[float64], g []float64, p blas.General[float64], eta float64) (squares float64) {
	g00, g01, g10, g11 := g[0], g[1], g[2], g[3]
	p00, p01, p10, p11 := p.Row(0)[0], p.Row(0)[1], p.Row(1)[0], p.Row(1)[1]
	for i := range delta.Rows {
		d, to, a := delta.Data[i*delta.Stride:], product.Data[i*product.Stride:], z.Data[i*z.Stride:]
		d, to, a = d[:2], to[:2], a[:2]
		d0, d1, z0, z1 := d[0], d[1], a[0], a[1]
		d0, d1 = d0+eta*(to[0]-d0*g00-d1*g10-z0*p00-z1*p10), d1+eta*(to[1]-d0*g01-d1*g11-z0*p01-z1*p11)
		d[0], d[1] = d0, d1
		squares += d0*d0 + d1*d1
	}
	return squares
}

// Leaving sets to = η·coupling·last, what leaves a basis in a step, and returns it
// with its norm.
func Leaving(to, coupling blas.General[float64], eta float64, last blas.General[float64]) (blas.General[float64], float64) {
	if to.Rows != coupling.Rows {
		to = blas.NewGeneral[float64](coupling.Rows, last.Cols)
	}
	for i := range coupling.Rows {
		row := to.Row(i)
		clear(row)
		for j, v := range coupling.Row(i) {
			for c, z := range last.Row(j) {
				row[c] += eta * v * z
			}
		}
	}
	return to, Norm(to)
}

// Turned sets δ ← δ + η(λδ − δg); old is room for a row.
func Turned(delta blas.General[float64], lambda float64, g []float64, eta float64, old []float64) {
	k := delta.Cols
	for i := range delta.Rows {
		to := delta.Row(i)
		copy(old, to)
		for c := range to {
			change := lambda * old[c]
			for a, v := range old {
				change -= v * g[a*k+c]
			}
			to[c] += eta * change
		}
	}
}

// Outside adds to δ, a perturbation in the block that waits for its pass, what leaves
// the basis in a step and what its coupling with the last block brings, and returns
// ‖δ‖². Without Turned before it δ is neither damped nor amplified, it accumulates: the
// block's own part of the matrix is not known before the pass.
func Outside(delta, out, coupling, last blas.General[float64], eta float64) (squares float64) {
	for i := range delta.Rows {
		to := delta.Row(i)
		for c, v := range out.Row(i) {
			to[c] += v
		}
		for j, b := range coupling.Row(i) {
			for c, v := range last.Row(j) {
				to[c] += eta * b * v
			}
		}
		for _, v := range to {
			squares += v * v
		}
	}
	return squares
}

func addProduct(dst, a, x blas.General[float64]) {
	for i := range dst.Rows {
		to := dst.Row(i)
		for j, v := range a.Row(i) {
			for c, w := range x.Row(j) {
				to[c] += v * w
			}
		}
	}
}

// AddTransposed adds aᵀx to dst.
func AddTransposed(dst, a, x blas.General[float64]) {
	for i := range a.Rows {
		row := x.Row(i)
		for j, v := range a.Row(i) {
			to := dst.Row(j)
			for c, w := range row {
				to[c] += v * w
			}
		}
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
		steady, matrix := OfSteady*f.elements[i], amount*v
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
		steady := OfSteady * elements[i]
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

// Padded is a copy with so many rows, those beyond it zero.
func Padded[T blas.Float](z blas.General[T], rows int) blas.General[T] {
	all := blas.NewGeneral[T](rows, z.Cols)
	for i := range min(z.Rows, rows) {
		copy(all.Row(i), z.Row(i))
	}
	return all
}

// Norm is the Frobenius norm.
func Norm(m blas.General[float64]) float64 {
	if m.Rows == 0 || m.Cols == 0 {
		return 0
	}
	if m.Stride == m.Cols {
		return nrm2(m.Data[:m.Rows*m.Cols])
	}
	var squares float64
	for i := range m.Rows {
		for _, v := range m.Row(i) {
			squares += v * v
		}
	}
	if squares > 1e-280 && squares < 1e280 {
		return math.Sqrt(squares)
	}
	return frobenius(m)
}
