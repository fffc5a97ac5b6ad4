package native

import (
	"unsafe"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// measurements holds symmetric matrices as vectors: the rows of a lower
// triangle one after the other, up to a few zeros. Four go by together. The
// elements are of type S, the arithmetic of type T: the same, or wider.
type measurements[S kernel.Stored, T blas.Float] struct {
	fused[T]
	n, count int
	size     int // elements of a matrix, with padding
	parts    int
	data     []S // whole groups of four
	narrow   kernel.Narrow[S, T]

	one normals[S, T] // of passes with one Z
	z1  [1]blas.General[T]
	d1  [1]blas.General[T]
	r1  [1][]T
}

// normals makes passes with several Z: each chunk of the matrices meets one
// after the other.
type normals[S kernel.Stored, T blas.Float] struct {
	*measurements[S, T]
	each []normal[T]

	// The call under way.
	pass int
	s    T
	v    []T // y
}

// normal is what one Z works with.
type normal[T blas.Float] struct {
	z        []T
	sum      []T // by part: Σ v_i A_i
	residual []T // whole groups of four
}

const (
	passApply = iota
	passAdjoint
	passNormal
)

// group4 is the number of matrices that go by together.
const group4 = 4

func (f fused[T]) NewMeasurements(n, count int, fill func(i int, dst []T)) blas.Measurements[T] {
	return newMeasurements[T](f, n, count, fill)
}

func (f fused[T]) NewRoundedMeasurements(n, count int, as blas.Storage, fill func(i int, dst []T)) blas.Measurements[T] {
	// A line for the fill of one matrix, which is rounded into its place.
	rounding := func(i, size int) []T {
		line := make([]T, size)
		fill(i, line)
		return line
	}
	switch {
	case as == blas.AsBFloat16:
		return newMeasurements[uint16](f, n, count, func(i int, dst []uint16) {
			for j, v := range rounding(i, len(dst)) {
				dst[j] = kernel.RoundBF16(float64(v))
			}
		})
	case blas.SizeOf[T]() == 4:
		return newMeasurements[T](f, n, count, fill)
	}
	return newMeasurements[float32](f, n, count, func(i int, dst []float32) {
		for j, v := range rounding(i, len(dst)) {
			dst[j] = float32(v)
		}
	})
}

func newMeasurements[S kernel.Stored, T blas.Float](f fused[T], n, count int, fill func(i int, dst []S)) *measurements[S, T] {
	row, _ := kernel.Active()
	// An odd number of cache lines, so that four matrices do not meet in the
	// same set of the cache.
	line := 64 / int(unsafe.Sizeof(*new(S)))
	a := &measurements[S, T]{fused: f, narrow: kernel.NarrowOf[S, T](row), n: n, count: count, size: roundUp(n*(n+1)/2, max(columnUnit, 3*line))}
	if a.size/line%2 == 0 {
		a.size += line
	}
	groups := (count + group4 - 1) / group4
	a.parts = max(min(groups, 16), 1)
	a.data = kernel.Large[S](groups * group4 * a.size)
	a.one = newNormals(a, 1)
	parallel.Run(f.threads, count, &matrices[S, T]{a, fill})
	return a
}

func newNormals[S kernel.Stored, T blas.Float](a *measurements[S, T], count int) normals[S, T] {
	p := normals[S, T]{measurements: a, v: make([]T, len(a.data)/a.size)}
	for range count {
		p.each = append(p.each, normal[T]{z: make([]T, a.size), sum: make([]T, a.parts*a.size), residual: make([]T, len(p.v))})
	}
	return p
}

// matrices fills one matrix a part.
type matrices[S kernel.Stored, T blas.Float] struct {
	a    *measurements[S, T]
	fill func(i int, dst []S)
}

func (p *matrices[S, T]) Part(i int) {
	n := p.a.n
	p.fill(i, p.a.data[i*p.a.size:][:n*(n+1)/2])
}

func (a *measurements[S, T]) Dim() int   { return a.n }
func (a *measurements[S, T]) Count() int { return a.count }

func (a *measurements[S, T]) Bytes() int64 {
	return int64(a.count) * int64(a.n) * int64(a.n+1) / 2 * int64(unsafe.Sizeof(*new(S)))
}

func (a *measurements[S, T]) Matrix(i int, dst []T) {
	dst = dst[:a.n*(a.n+1)/2]
	switch data := any(a.data[i*a.size:]).(type) {
	case []T:
		copy(dst, data)
	case []float32:
		for j := range dst {
			dst[j] = T(data[j])
		}
	case []uint16:
		for j := range dst {
			dst[j] = T(kernel.BF16(data[j]))
		}
	}
}

func (a *measurements[S, T]) Apply(dst []T, z blas.General[T]) {
	a.check(len(dst), z)
	p := &a.one
	p.pass, p.s = passApply, 1
	a.layOut(p.each[0].z, z)
	p.run()
	copy(dst, p.each[0].residual[:a.count])
}

func (a *measurements[S, T]) Adjoint(dst blas.General[T], v []T) {
	a.check(len(v), dst)
	p := &a.one
	p.pass = passAdjoint
	clear(p.each[0].residual[copy(p.each[0].residual, v):])
	p.run()
	a.give(dst, p.each[0].sum)
}

func (a *measurements[S, T]) Normal(dst blas.General[T], residual []T, s T, z blas.General[T], y []T) {
	a.d1[0], a.r1[0], a.z1[0] = dst, residual, z
	a.one.Normal(a.d1[:], a.r1[:], s, a.z1[:], y)
	a.d1[0], a.r1[0], a.z1[0] = blas.General[T]{}, nil, blas.General[T]{}
}

func (a *measurements[S, T]) NewNormals(count int) blas.Normals[T] {
	p := newNormals(a, count)
	return &p
}

func (p *normals[S, T]) Normal(dst []blas.General[T], residual [][]T, s T, z []blas.General[T], y []T) {
	if len(dst) != len(p.each) || len(residual) != len(p.each) || len(z) != len(p.each) || len(y) != p.count {
		panic(badShape)
	}
	p.pass, p.s = passNormal, s
	copy(p.v, y)
	for i := range p.each {
		p.check(len(residual[i]), z[i])
		p.check(len(residual[i]), dst[i])
		p.layOut(p.each[i].z, z[i])
	}
	p.run()
	for i := range p.each {
		copy(residual[i], p.each[i].residual[:p.count])
		p.give(dst[i], p.each[i].sum)
	}
}

func (a *measurements[S, T]) check(length int, m blas.General[T]) {
	m.Check(a.n, a.n)
	if length != a.count {
		panic(badShape)
	}
}

// layOut lays out Z so that ⟨A, Z⟩ is the product of two vectors: off the
// diagonal, elements count twice.
func (a *measurements[S, T]) layOut(to []T, z blas.General[T]) {
	for i := range a.n {
		row := z.Row(i)[:i+1]
		for j, v := range row[:i] {
			to[j] = 2 * v
		}
		to[i] = row[i]
		to = to[i+1:]
	}
}

func (p *normals[S, T]) run() {
	threads := p.threads
	if float64(p.count)*float64(p.size) < serialBelow {
		threads = 1
	}
	parallel.Run(threads, p.parts, p)
	if p.pass != passApply {
		pieces := (p.size + addLength - 1) / addLength
		parallel.Run(threads, pieces*len(p.each), (*adding[S, T])(p))
	}
}

// chunk is how many elements of four matrices go by at a call of a kernel.
const chunk = 4096

// Part goes over the groups of one part. While the adjoint of a group is
// added, from cache, the products of the next one are formed, from memory.
func (p *normals[S, T]) Part(part int) {
	groups := len(p.v) / group4
	first, last := groups*part/p.parts, groups*(part+1)/p.parts
	for i := range p.each {
		clear(p.each[i].sum[part*p.size : (part+1)*p.size])
	}
	for g := first; g <= last; g++ {
		next, done := g < last && p.pass != passAdjoint, g > first && p.pass != passApply
		for i := range p.each {
			if next {
				clear(p.each[i].residual[g*group4 : (g+1)*group4])
			}
		}
		for at := 0; at < p.size; at += chunk {
			i := 0
			for ; next && done && i+1 < len(p.each); i += 2 {
				p.meet2(&p.each[i], &p.each[i+1], part, g, at)
			}
			for ; i < len(p.each); i++ {
				p.meet(&p.each[i], part, g, at, next, done)
			}
		}
		if !next {
			continue
		}
		// The last group may be short: what stands behind it is not a result.
		count := min(group4, p.count-g*group4)
		for i := range p.each {
			out := p.each[i].residual[g*group4 : (g+1)*group4]
			clear(out[count:])
			if p.pass == passNormal {
				for j := range count {
					out[j] = p.s*out[j] - p.v[g*group4+j]
				}
			}
		}
	}
}

// meet takes a chunk of group g for the products, of the group before for the
// adjoint.
func (p *normals[S, T]) meet(q *normal[T], part, g, at int, next, done bool) {
	k, n := &p.narrow, min(chunk, p.size-at)
	sum := q.sum[part*p.size+at : (part+1)*p.size]
	switch {
	case next && done:
		k.Normal(n, p.data[g*group4*p.size+at:], p.size, q.z[at:], q.residual[g*group4:(g+1)*group4],
			p.data[(g-1)*group4*p.size+at:], p.size, q.residual[(g-1)*group4:g*group4], sum)
	case next:
		k.Dots(n, p.data[g*group4*p.size+at:], p.size, q.z[at:], q.residual[g*group4:(g+1)*group4])
	case done:
		k.Combine(n, p.data[(g-1)*group4*p.size+at:], p.size, q.residual[(g-1)*group4:g*group4], sum)
	}
}

// meet2 is meet for two Z that take both chunks: they are loaded, and widened, once.
func (p *normals[S, T]) meet2(q, r *normal[T], part, g, at int) {
	n := min(chunk, p.size-at)
	to := func(q *normal[T]) (x, out, c, y []T) {
		return q.z[at:], q.residual[g*group4 : (g+1)*group4], q.residual[(g-1)*group4 : g*group4], q.sum[part*p.size+at : (part+1)*p.size]
	}
	x1, out1, c1, y1 := to(q)
	x2, out2, c2, y2 := to(r)
	p.narrow.Normal2(n, p.data[g*group4*p.size+at:], p.size, p.data[(g-1)*group4*p.size+at:], p.size, x1, out1, c1, y1, x2, out2, c2, y2)
}

// adding adds the sums of the parts into the first, a piece a part.
type adding[S kernel.Stored, T blas.Float] normals[S, T]

const addLength = 1536 // a multiple of every row's Lanes

func (q *adding[S, T]) Part(i int) {
	p := (*normals[S, T])(q)
	pieces := (p.size + addLength - 1) / addLength
	sum, at := p.each[i/pieces].sum, i%pieces*addLength
	n := min(addLength, p.size-at)
	for part := 1; part < p.parts; part++ {
		p.kernels.Axpy(n, 1, sum[part*p.size+at:], sum[at:])
	}
}

// give writes the sum to both triangles of dst.
func (a *measurements[S, T]) give(dst blas.General[T], from []T) {
	for i := range a.n {
		for j, v := range from[:i+1] {
			dst.Data[i*dst.Stride+j] = v
			dst.Data[j*dst.Stride+i] = v
		}
		from = from[i+1:]
	}
}
