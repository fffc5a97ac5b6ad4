package krylov

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// Perturbations of a factor Z, n×k, side by side: one of what leaves the basis, and
// samples of rounding. To first order each moves as δ + η(product − δG − Zp), with a Gram
// matrix G and p = zᵀδ + δᵀz.
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
