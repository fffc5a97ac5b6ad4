package plan

import (
	"fmt"
	"math"

	"lowrank/solvers/eigen"
)

// Asymmetric is a run on A, m×n, with X and Y of k columns.
type Asymmetric struct {
	Common
	Form     *RectangularForm
	M, N, K  int
	Inner    int // columns of L and R, or the elements of a sparse A, or the rank of a generated one
	Noise    bool
	Singular int // leading singular values that are computed
	Vectors  int // of each side of the Krylov bases of all runs, with operands, expected
}

func (s Asymmetric) String() string {
	return fmt.Sprintf("A %s, rank %d, A %s%s", order(s.M, s.N), s.K, s.Form, s.runs())
}

func (s Asymmetric) Dims() map[string]int {
	return map[string]int{"m": s.M, "n": s.N, "k": s.K, "inner": s.Inner}
}

func (s Asymmetric) Scaled(share float64) Shape {
	by := share
	if s.Form.Square {
		by = math.Sqrt(share)
	}
	t := s
	least := s.K
	if s.Generated || s.Form.Thin {
		least = max(least, s.Inner)
	}
	t.M, t.N = dim(s.M, by, least), dim(s.N, by, least)
	if s.Form.Counted {
		t.Inner = dim(s.Inner, by, 1)
	}
	part := float64(t.M) * float64(t.N) / (float64(s.M) * float64(s.N))
	t.Mapped, t.Read = s.Mapped*part, s.Read*part
	return t
}

func (s Asymmetric) Size() Size {
	m, n, k, _, w := s.sizes()
	data := s.Form.Data(s)
	z := Size{
		Runs: s.Runs, Shared: s.Fused && s.Form.Shares, Mapped: s.Mapped,
		Data: data.Held, Making: s.Read + data.Making, Setup: data.Setup, Report: data.Report,
	}
	thin := (m + n) * k
	z.Load.Pass, z.Load.Flops = data.Pass, data.Flops
	z.Load.Bytes, z.Load.Flops = 3*thin*w, z.Load.Flops+3*thin*k
	// The start and that as elements of the run; the factors of the report.
	z.Once = thin*(8+w+8) + data.Distance
	z.Run = 2*thin*w + parts(s.M, s.K, w) + parts(s.N, s.K, w) + data.Beside // X, Y and the next
	if s.Vectors > 0 {                                                       // X and Y of each run
		z.Once += 8 * float64(s.Vectors) * (m + n)
		z.Run += 8 * 2 * thin
	}
	if s.Singular > 0 {
		z.Once += eigen.SingularBytes(s.M, s.N, s.Singular)
		z.Setup += 10 * z.Report
	}
	z.Trace = s.traceBytes(9)
	z.Record = z.Report
	z.Saved = s.saved(thin * w)
	return z
}
