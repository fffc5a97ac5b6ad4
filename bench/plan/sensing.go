package plan

import "fmt"

// Sensing is a run on m measurements of n×n matrices, with U of r columns.
type Sensing struct {
	Common
	Form    *MeasurementForm
	N, M, R int
	Held    int // bytes of an element of matrices, 0 where they are drawn again
	Truth   int // columns of the truth, 0 for none
	// Space says that leading eigenvectors of 𝒜*(y) are computed.
	Space bool
}

func (s Sensing) String() string {
	held := ""
	if s.Form.Matrices && s.Held < s.Elem {
		held = map[int]string{4: " held as f32", 2: " held as bf16"}[s.Held]
	}
	return fmt.Sprintf("n = %d, rank %d, %d measurements %s%s%s", s.N, s.R, s.M, s.Form, held, s.runs())
}

func (s Sensing) Dims() map[string]int { return map[string]int{"n": s.N, "m": s.M, "r": s.R} }

// Scaled has fewer measurements, of matrices of the same order.
func (s Sensing) Scaled(share float64) Shape {
	t := s
	t.M = dim(s.M, share, s.Form.Least)
	part := float64(t.M) / float64(s.M)
	t.Mapped, t.Read = s.Mapped*part, s.Read*part
	return t
}

func (s Sensing) Size() Size {
	n, m, r, w := s.sizes()
	data := s.Form.Data(s)
	z := Size{
		Runs: s.Runs, Shared: s.Fused && s.Form.Matrices, Mapped: s.Mapped,
		Data: data.Held, Making: s.Read + data.Making, Setup: data.Setup, Drawn: data.Drawn,
	}
	z.Load.Pass, z.Load.Flops = data.Pass, data.Flops
	z.Load.Bytes = 3 * n * r * w
	z.Once = n*r*(2*8+w) + m*w + data.Work        // the start, as elements of the run; y; the U of the report
	z.Run = data.Sums + 4*n*r*w + m*w + data.Back // U, the next, the gradient, a product; the residual
	if s.Truth > 0 {
		z.Once += 8 * n * (3*(r+float64(s.Truth)) + float64(s.Truth))
	}
	if s.Space {
		z.Once += 8 * n * (200 + 24*float64(max(s.Truth, s.R)))
	}
	z.Trace = s.traceBytes(12)
	// What depends on n alone is the same in a smaller problem.
	z.Saved = s.saved(n * r * w)
	z.Record, z.Report = 1e-9*n*r*r, 1e-9*n*square(r+float64(s.Truth))
	return z
}
