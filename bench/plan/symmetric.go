package plan

import (
	"fmt"
	"math"
)

// Symmetric is a run on Σ, d×d, with X of r columns.
type Symmetric struct {
	Common
	Form *Form
	D, R int
	K    int // columns of the factor, rows of the data, elements of a sparse Σ
	Held int // bytes of an element of Σ
	// Basis says that leading eigenpairs are computed, Known that a generated Σ
	// brings them.
	Basis, Known bool
	// Vectors are those of the Krylov bases of all runs, with operands, expected.
	Vectors int
}

func (s Symmetric) String() string {
	form := s.Form.Words
	if s.Held < s.Elem {
		form += " and held as f32"
	}
	return fmt.Sprintf("d = %d, rank %d, Σ %s%s", s.D, s.R, form, s.runs())
}

func (c Common) runs() string {
	if c.Runs < 2 {
		return ""
	}
	return fmt.Sprintf(", %d runs", c.Runs)
}

func (s Symmetric) Dims() map[string]int {
	dims := map[string]int{"d": s.D, "r": s.R}
	if s.K > 0 {
		dims["k"] = s.K
	}
	return dims
}

func (s Symmetric) Scaled(share float64) Shape {
	by := share
	if s.Form.Square {
		by = math.Sqrt(share)
	}
	t := s
	t.D = dim(s.D, by, s.R+1)
	if s.Form.Counted {
		t.K = dim(s.K, by, 1)
	}
	t.Mapped, t.Read = s.Mapped*share, s.Read*share
	return t
}

func (s Symmetric) Size() Size {
	d, r, w := float64(s.D), float64(s.R), float64(s.Elem)
	data := s.Form.Data(s)
	z := Size{
		Runs: s.Runs, Shared: s.Fused && s.Form.Shares, Mapped: s.Mapped,
		Data: data.Held, Making: s.Read + data.Making, Setup: data.Setup, Report: data.Report,
	}
	sweeps := data.Sweeps
	if sweeps == 0 {
		sweeps = 3
	}
	z.Load.Pass, z.Load.Bytes, z.Load.Flops = data.Pass, sweeps*d*r*w, data.Flops+3*d*r*r
	// X_0 and that as elements of the run; the X of the report.
	z.Once = d*r*(8+w+8) + data.Distance
	z.Run = 2*d*r*w + parts(s.D, s.R, w) + data.Beside // X and ΣX
	if s.Vectors > 0 {                                 // X of each run
		z.Once += 8 * d * float64(s.Vectors)
		z.Run += 8 * d * 2 * r
	}
	if s.Known {
		z.Once += 8 * d * r
	}
	if s.Basis {
		z.Once += 8 * d * (200 + 24*r)
		z.Setup += z.Setup * 10
	}
	columns := 3 + s.R
	if s.Theory {
		columns = 10 + 4*s.R
	}
	z.Trace = s.traceBytes(columns)
	z.Record = 1e-9 * d * r * r
	z.Saved = s.saved(d * r * w)
	return z
}

// The storage of native, of the narrowest tiles of any row.
const (
	tile   = 120
	stacks = 5 // copies of [U X] in the distance from a product, by two QR factorizations
	// sparseReading is what reading an element of a sparse matrix takes at the most:
	// lists of places and values, twice, the table of mirror images, the sorted
	// copies.
	sparseReading = 240
)

// tiled is the number of elements of one triangle in tiles.
func tiled(d float64) float64 { return d * (d + tile) / 2 }

// padded is how many columns native lays out r as, of elements of so many bytes.
func padded(r, elem int) float64 {
	if r <= 4 {
		return float64(r)
	}
	lanes := 32 / elem
	return float64((r + lanes - 1) / lanes * lanes)
}

// parts are the sums of a sweep over d rows of r columns: their number, a Gram
// matrix and what goes with it each.
func parts(d, r int, elem float64) float64 {
	n := float64(min(max(d/max(512, 2*r), 1), 32))
	wide := padded(r, int(elem))
	rows := 96.0
	if r <= 2 {
		rows = 768
	}
	return n * (float64(r*r) + 2*float64(r)*wide + 2*rows*wide) * elem
}

func square(x float64) float64 { return x * x }
