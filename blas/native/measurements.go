package native

import (
	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// measurements holds symmetric matrices as vectors: the rows of a lower
// triangle one after the other, up to a few zeros. Four go by together.
type measurements[T blas.Float] struct {
	fused[T]
	n, count int
	size     int // elements of a matrix, with padding
	parts    int
	data     []T // whole groups of four

	z        []T
	sum      []T // by part: Σ v_i A_i
	residual []T // whole groups of four

	// The call under way.
	pass int
	s    T
	v    []T
}

const (
	passApply = iota
	passAdjoint
	passNormal
)

// group4 is the number of matrices that go by together.
const group4 = 4

func (f fused[T]) NewMeasurements(n, count int, fill func(i int, dst []T)) blas.Measurements[T] {
	a := &measurements[T]{fused: f, n: n, count: count, size: roundUp(n*(n+1)/2, columnUnit)}
	// An odd number of cache lines, so that four matrices do not meet in the
	// same set of the cache.
	if lines := a.size * blas.SizeOf[T]() / 64; lines%2 == 0 {
		a.size += 64 / blas.SizeOf[T]()
	}
	groups := (count + group4 - 1) / group4
	a.parts = max(min(groups, 16), 1)
	a.data = kernel.Large[T](groups * group4 * a.size)
	a.z, a.sum, a.residual = make([]T, a.size), make([]T, a.parts*a.size), make([]T, groups*group4)
	a.v = make([]T, groups*group4)
	parallel.Run(f.threads, count, &matrices[T]{a, fill})
	return a
}

// matrices fills one matrix a part.
type matrices[T blas.Float] struct {
	a    *measurements[T]
	fill func(i int, dst []T)
}

func (p *matrices[T]) Part(i int) {
	n := p.a.n
	p.fill(i, p.a.data[i*p.a.size:][:n*(n+1)/2])
}

func (a *measurements[T]) Dim() int   { return a.n }
func (a *measurements[T]) Count() int { return a.count }

func (a *measurements[T]) Bytes() int64 {
	return int64(a.count) * int64(a.n) * int64(a.n+1) / 2 * int64(blas.SizeOf[T]())
}

func (a *measurements[T]) Matrix(i int, dst []T) {
	copy(dst[:a.n*(a.n+1)/2], a.data[i*a.size:])
}

func (a *measurements[T]) Apply(dst []T, z blas.General[T]) {
	a.check(len(dst), z)
	a.pass, a.s = passApply, 1
	a.setZ(z)
	a.run()
	copy(dst, a.residual[:a.count])
}

func (a *measurements[T]) Adjoint(dst blas.General[T], v []T) {
	a.check(len(v), dst)
	a.pass = passAdjoint
	clear(a.residual[copy(a.residual, v):])
	a.run()
	a.give(dst)
}

func (a *measurements[T]) Normal(dst blas.General[T], residual []T, s T, z blas.General[T], y []T) {
	a.check(len(y), z)
	a.check(len(residual), dst)
	a.pass, a.s = passNormal, s
	copy(a.v, y)
	a.setZ(z)
	a.run()
	copy(residual, a.residual[:a.count])
	a.give(dst)
}

func (a *measurements[T]) check(length int, m blas.General[T]) {
	m.Check(a.n, a.n)
	if length != a.count {
		panic(badShape)
	}
}

// setZ lays out Z so that ⟨A, Z⟩ is the product of two vectors: off the
// diagonal, elements count twice.
func (a *measurements[T]) setZ(z blas.General[T]) {
	to := a.z
	for i := range a.n {
		row := z.Row(i)[:i+1]
		for j, v := range row[:i] {
			to[j] = 2 * v
		}
		to[i] = row[i]
		to = to[i+1:]
	}
}

func (a *measurements[T]) run() {
	threads := a.threads
	if float64(a.count)*float64(a.size) < serialBelow {
		threads = 1
	}
	parallel.Run(threads, a.parts, a)
	if a.pass != passApply {
		parallel.Run(threads, (a.size+addLength-1)/addLength, (*adding[T])(a))
	}
}

// chunk is how many elements of four matrices go by at a call of a kernel.
const chunk = 4096

// Part goes over the groups of one part. While the adjoint of a group is
// added, from cache, the products of the next one are formed, from memory.
func (a *measurements[T]) Part(part int) {
	groups := len(a.residual) / group4
	first, last := groups*part/a.parts, groups*(part+1)/a.parts
	sum := a.sum[part*a.size : (part+1)*a.size]
	clear(sum)
	k := &a.kernels
	for g := first; g <= last; g++ {
		next, done := g < last && a.pass != passAdjoint, g > first && a.pass != passApply
		var out, c []T
		if next {
			out = a.residual[g*group4 : (g+1)*group4]
			clear(out)
		}
		if done {
			c = a.residual[(g-1)*group4 : g*group4]
		}
		for at := 0; at < a.size; at += chunk {
			n := min(chunk, a.size-at)
			switch {
			case next && done:
				k.Normal(n, a.data[g*group4*a.size+at:], a.size, a.z[at:], out,
					a.data[(g-1)*group4*a.size+at:], a.size, c, sum[at:])
			case next:
				k.Dots(n, a.data[g*group4*a.size+at:], a.size, a.z[at:], out)
			case done:
				k.Combine(n, a.data[(g-1)*group4*a.size+at:], a.size, c, sum[at:])
			}
		}
		if next {
			// The last group may be short: what stands behind it is not a result.
			count := min(group4, a.count-g*group4)
			clear(out[count:])
			if a.pass == passNormal {
				for i := range count {
					out[i] = a.s*out[i] - a.v[g*group4+i]
				}
			}
		}
	}
}

// adding adds the sums of the parts into the first, a piece a part.
type adding[T blas.Float] measurements[T]

const addLength = 1536 // a multiple of every row's Lanes

func (q *adding[T]) Part(i int) {
	a := (*measurements[T])(q)
	at := i * addLength
	n := min(addLength, a.size-at)
	for p := 1; p < a.parts; p++ {
		a.kernels.Axpy(n, 1, a.sum[p*a.size+at:], a.sum[at:])
	}
}

// give writes the sum to both triangles of dst.
func (a *measurements[T]) give(dst blas.General[T]) {
	from := a.sum
	for i := range a.n {
		for j, v := range from[:i+1] {
			dst.Data[i*dst.Stride+j] = v
			dst.Data[j*dst.Stride+i] = v
		}
		from = from[i+1:]
	}
}
