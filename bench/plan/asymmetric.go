package plan

import (
	"fmt"
	"math"
)

// Asymmetric is a run on A, m×n, with X and Y of k columns.
type Asymmetric struct {
	Common
	Form    *Form // Dense, Product or Sparse
	M, N, K int
	Inner   int // columns of L and R, or the elements of a sparse A, or the rank of a generated one
	Noise   bool
	Passes  bool // leading singular values are computed
	Vectors int  // of each side of the Krylov bases of all runs, with operands, expected
}

func (s Asymmetric) String() string {
	return fmt.Sprintf("A %s, rank %d, A %s%s", order(s.M, s.N), s.K, s.Form, s.runs())
}

func (s Asymmetric) Dims() map[string]int {
	return map[string]int{"m": s.M, "n": s.N, "k": s.K, "inner": s.Inner}
}

func (s Asymmetric) Scaled(share float64) Shape {
	by := share
	if s.Form == Dense {
		by = math.Sqrt(share)
	}
	t := s
	least := s.K
	if s.Generated || s.Form == Product {
		least = max(least, s.Inner)
	}
	t.M, t.N = dim(s.M, by, least), dim(s.N, by, least)
	if s.Form == Sparse {
		t.Inner = dim(s.Inner, by, 1)
	}
	part := float64(t.M) * float64(t.N) / (float64(s.M) * float64(s.N))
	t.Mapped, t.Read = s.Mapped*part, s.Read*part
	return t
}

func (s Asymmetric) Size() Size {
	m, n, k, p, w := float64(s.M), float64(s.N), float64(s.K), float64(s.Inner), float64(s.Elem)
	z := Size{Runs: s.Runs, Shared: s.Fused && s.Form == Dense, Mapped: s.Mapped, Making: s.Read}
	thin := (m + n) * k
	distance := math.Min(RowsOfDistance, m) * n * 8
	switch s.Form {
	case Dense:
		z.Data = m * n * w
		if s.Own {
			z.Data = (m + 4) * (n + 24) * w // the last tiles are filled up
			z.Making += m * n / tile * w    // a line for each row of tiles
		}
		z.Load.Pass, z.Load.Flops = m*n*w, 4*m*n*k
		z.Setup, z.Report = 6e-9*m*n, 1e-9*m*n*(2+k/8)
		if s.Generated {
			z.Making += 8*m*n + 8*(m+n)*p*2
			z.Setup += 1e-9 * m * n * p
		}
		if s.Noise {
			z.Setup += 1e-8 * m * n
		}
	case Product:
		z.Data = (m + n) * p * w
		z.Load.Pass, z.Load.Flops = 2*z.Data, 4*(m+n)*p*k
		z.Setup, z.Report = 2e-8*(m+n)*p, 1e-9*(m+n)*square(p+k)
		distance = 3 * 8 * (m + n) * (p + k)
		if s.Generated {
			z.Making += 8 * (m + n) * p * 2
		}
	case Sparse:
		z.Data = 2*p*(4+w) + 8*(m+n)
		z.Load.Pass, z.Load.Flops = 2*p*(4+w), 4*p*k
		z.Making += p * sparseReading / 2
		z.Setup, z.Report = 3e-7*p, 1e-9*m*n*(2+k/8)
	}
	z.Load.Bytes, z.Load.Flops = 3*thin*w, z.Load.Flops+3*thin*k
	// The start and that as elements of the run; the factors of the report.
	z.Once = thin*(8+w+8) + distance
	z.Run = 2*thin*w + parts(s.M, s.K, w) + parts(s.N, s.K, w) // X, Y and the next
	if s.Vectors > 0 {                                         // X and Y of each run
		z.Once += 8 * float64(s.Vectors) * (m + n)
		z.Run += 8 * 2 * thin
	}
	if s.Form == Dense && s.Own {
		z.Run += 4 * (m + n + 2*tile) * padded(s.K, s.Elem) * w
	}
	if s.Passes {
		z.Once += 8 * (m + n) * (200 + 24*p)
		z.Setup += 10 * z.Report
	}
	z.Trace = s.traceBytes(9)
	z.Record = z.Report
	z.Saved = s.saved(thin * w)
	return z
}
