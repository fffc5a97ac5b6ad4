package plan

import (
	"fmt"
	"math"
)

// Deep is a run on Ŵ, m×n, with a product of Depth factors, those in the middle
// square of order Width.
type Deep struct {
	Common
	M, N, Width, Depth int
	Values             int  // singular values that are recorded of each matrix
	Decomposes         bool // the eigenvalues of Ŵ are needed before the first step
	BySpectrum         bool // the run is theirs: no factors are held
}

func (s Deep) String() string {
	return fmt.Sprintf("Ŵ %s, depth %d, width %d%s", order(s.M, s.N), s.Depth, s.Width, s.runs())
}

func (s Deep) Dims() map[string]int {
	return map[string]int{"m": s.M, "n": s.N, "width": s.Width, "depth": s.Depth}
}

func (s Deep) Scaled(share float64) Shape {
	by := math.Sqrt(share)
	t := s
	t.M, t.N, t.Width = dim(s.M, by, 2), dim(s.N, by, 2), dim(s.Width, by, 2)
	part := float64(t.M) * float64(t.N) / (float64(s.M) * float64(s.N))
	t.Mapped, t.Read = s.Mapped*part, s.Read*part
	return t
}

// factors are the elements of W_1 … W_N, and the multiplications of their chain
// with the outer dimension that is cheaper.
func (s Deep) factors() (elements, chain float64) {
	dims := make([]float64, s.Depth+1)
	for j := range dims {
		dims[j] = float64(s.Width)
	}
	dims[0], dims[s.Depth] = float64(s.N), float64(s.M)
	var right, left float64
	for j := 1; j <= s.Depth; j++ {
		size := dims[j] * dims[j-1]
		elements += size
		if j > 1 {
			right += size * float64(s.N)
		}
		if j < s.Depth {
			left += size * float64(s.M)
		}
	}
	return elements, math.Min(right, left)
}

func (s Deep) Size() Size {
	m, n, w := float64(s.M), float64(s.N), float64(s.Elem)
	elements, chain := s.factors()
	outer := m * n
	middle := float64(s.Width) * math.Min(m, n)
	z := Size{Runs: s.Runs, Mapped: s.Mapped, Making: s.Read, Data: 8 * outer}
	if s.Generated {
		z.Making += 8 * outer
	}
	// Once the target as elements of the run, twice, the factors so, the product of the
	// report and its singular values. A run holds Ŵ, W − Ŵ and partial products, the
	// factors as they start, copied, and the next ones, two matrices as large as the
	// largest.
	largest := math.Max(math.Max(outer, middle), square(float64(s.Width)))
	z.Once = 2*outer*w + elements*(8+w) + 4*8*outer
	z.Run = 2*outer*w + elements*(8+2*w) + float64(max(s.Depth-2, 0))*middle*w + 2*largest*w
	z.Load.Pass, z.Load.Bytes, z.Load.Flops = outer*w, 3*elements*w, 6*chain
	least := math.Min(m, n)
	svd := 2e-9 * outer * least
	z.Setup, z.Report = 4e-8*(outer+elements), svd
	if s.Decomposes {
		z.Setup += 4 * svd
	}
	z.Trace = s.traceBytes(5 + (s.Depth+1)*(s.Values+1))
	z.Record = svd * float64(s.Depth+1)
	z.Saved = s.saved(elements * w)
	if s.BySpectrum {
		// The decomposition with its copies of Ŵ, or the few steps that it makes; a run
		// has some numbers for each eigenvalue.
		z.Once, z.Run = 13*8*outer, 20*8*m
		z.Saved = s.saved(10 * 8 * m)
	}
	return z
}
