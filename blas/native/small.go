package native

import "lowrank/blas"

// inPlace is a small product with nothing set up: A is used where it lies, and B too, n
// columns of rows ldb apart.
func (p *call[T]) inPlace() {
	p.scaleAll()
	k, b, ldb := &p.kernels, p.b.data, p.b.rs
	for j := 0; j < p.n; j += k.NR {
		w := min(k.NR, p.n-j)
		for i := 0; i < p.m; i += k.MR {
			h := min(k.MR, p.m-i)
			gemmTile(k, h, w, p.k, p.a.data[i*p.a.rs:], p.a.rs, p.a.cs, b[j:], ldb, p.c[i*p.ldc+j:], p.ldc)
		}
	}
}

// scaleAll forms βC, in one go where there are no gaps between rows.
func (p *call[T]) scaleAll() {
	switch {
	case p.beta == 1:
	case p.ldc == p.n:
		scaleRow(p.beta, p.c[:p.m*p.n])
	default:
		for i := range p.m {
			scaleRow(p.beta, p.c[i*p.ldc:i*p.ldc+p.n])
		}
	}
}

// plainLoops is a product with at most two columns and inner products of at most two,
// where a call of a kernel takes longer than six rows.
func (p *call[T]) plainLoops() {
	p.scaleAll()
	gemmNarrow(p.m, p.n, p.k, p.a, p.b.data, p.b.rs, p.c, p.ldc)
}

// alone is a small product that packs what it must, on its caller: the loops of a blocked
// call on one part.
func (p *call[T]) alone() {
	buf := takeBuffer[T]()
	p.scale(0, p.m, 0, p.n)
	p.columns(buf, 0, p.m, 0, p.n, 0, p.k, p.c, p.ldc)
	giveBuffer(buf)
}

// gemmNarrow is C += AB for k ≤ 2.
func gemmNarrow[T blas.Float](m, n, k int, a operand[T], b []T, ldb int, c []T, ldc int) {
	for j := range n {
		at := j
		if k == 1 {
			b0 := b[j]
			for i := range m {
				c[at] += a.data[i*a.rs] * b0
				at += ldc
			}
			continue
		}
		b0, b1 := b[j], b[ldb+j]
		for i := range m {
			row := a.data[i*a.rs : i*a.rs+2 : i*a.rs+2]
			c[at] += row[0]*b0 + row[1]*b1
			at += ldc
		}
	}
}
