package plan

import (
	"fmt"
	"math"
)

// Symmetric is a run on Σ, d×d, with X of r columns.
type Symmetric struct {
	Common
	Form Form
	D, R int
	K    int // columns of the factor, rows of the data, elements of a sparse Σ
	Held int // bytes of an element of a dense Σ
	// Basis says that leading eigenpairs are computed, Known that a generated Σ
	// brings them.
	Basis, Known bool
	// Vectors are those of the Krylov bases of all runs, with operands, expected.
	Vectors int
}

// Form is how Σ or A is held.
type Form int

const (
	Dense    Form = iota
	Diagonal      // diag(λ)
	Product       // of thin factors: U·diag(λ)·Uᵀ, or L·Rᵀ
	Gram          // ZᵀZ/n
	Sparse        // elements that are not 0
)

func (f Form) String() string {
	return [...]string{"dense", "diagonal", "a product of thin factors", "of a data matrix", "sparse"}[f]
}

func (s Symmetric) String() string {
	form := s.Form.String()
	if s.Form == Dense && s.Held < s.Elem {
		form = "dense and held as f32"
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
	if s.Form == Dense || s.Form == Gram {
		by = math.Sqrt(share)
	}
	t := s
	t.D = dim(s.D, by, s.R+1)
	switch s.Form {
	case Gram, Sparse:
		t.K = dim(s.K, by, 1)
	}
	t.Mapped, t.Read = s.Mapped*share, s.Read*share
	return t
}

func (s Symmetric) Size() Size {
	d, r, k, w := float64(s.D), float64(s.R), float64(s.K), float64(s.Elem)
	z := Size{Runs: s.Runs, Shared: s.Fused && s.Form == Dense, Mapped: s.Mapped, Making: s.Read}
	sweeps := 3.0
	distance := 0.0 // bytes of the error at the end
	switch s.Form {
	case Dense:
		z.Data = d * d * w
		if s.Own {
			z.Data = tiled(d) * float64(s.Held)
			z.Making += d * d / (2 * tile) * float64(s.Held) // a line for each row of tiles
		}
		z.Load.Pass, z.Load.Flops = d*(d+1)/2*float64(s.Held), 2*d*d*r
		z.Setup, z.Report = 4e-9*d*d, 1e-9*d*d*(1+r/16)
		if s.Generated {
			z.Making += 8 * d * (3 + 2*8) // λ and the reflections
		}
		distance = blockRows * d * 8
	case Diagonal:
		z.Data = d * w
		z.Load.Pass, z.Load.Flops, sweeps = z.Data, d*r, 2
		z.Making += 8 * d
		z.Setup, z.Report = 2e-8*d*r+1e-7*d, 1e-9*d*r*r+1e-7*d
		distance = 8*d*r + 17*d
	case Product:
		z.Data = d * k * w
		z.Load.Pass, z.Load.Flops = 2*z.Data, 4*d*k*r
		z.Setup, z.Report = 4e-9*d*k, 1e-9*d*square(k+r)
		distance = stacks * 8 * d * (k + r)
	case Gram:
		z.Data = k * d * w
		z.Load.Pass, z.Load.Flops = z.Data, 4*k*d*r
		z.Setup, z.Report = 4e-9*d*k, 5e-11*k*d*d
		distance = blockRows*d*8 + (8-w)/4*z.Data // f32 is widened
		if 4*(s.K+s.R) <= s.D {
			z.Report = 1e-9 * d * square(k+r)
			distance = z.Data + stacks*8*d*(k+r)
		}
	case Sparse:
		z.Data = k*(4+w) + 8*d
		z.Load.Pass, z.Load.Flops = k*(4+w), 2*k*r
		z.Making += k * sparseReading
		z.Setup, z.Report = 4e-7*k, 1e-9*d*d*(1+r/16)
		distance = blockRows * d * 8
	}
	z.Load.Bytes, z.Load.Flops = sweeps*d*r*w, z.Load.Flops+3*d*r*r
	// X_0 and that as elements of the run; the X of the report.
	z.Once = d*r*(8+w+8) + distance
	z.Run = 2*d*r*w + parts(s.D, s.R, w) // X and ΣX
	switch {
	case s.Form == Diagonal:
		z.Run -= d * r * w
	case s.Form == Dense && s.Own:
		z.Run += 2 * (d + tile) * padded(s.R, s.Elem) * w
	case s.Form == Dense:
		z.Run += d * r * w
	}
	if s.Vectors > 0 { // X of each run
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
	tile      = 120
	blockRows = 128 // of the matrix that a distance forms at a time
	stacks    = 5   // copies of [U X] in the distance from a product, by two QR factorizations
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
