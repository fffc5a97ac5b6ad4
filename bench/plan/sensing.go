package plan

import "fmt"

// Sensing is a run on m measurements of n×n matrices, with U of r columns.
type Sensing struct {
	Common
	Kind    Kind
	N, M, R int
	Held    int // bytes of an element of matrices, 0 where they are drawn again
	Truth   int // columns of the truth, 0 for none
	// Space says that leading eigenvectors of 𝒜*(y) are computed.
	Space bool
}

// Kind is the kind of measurement.
type Kind int

const (
	Matrices Kind = iota // A_i in memory
	Drawn                // A_i drawn again in each pass
	Vectors              // a_ia_iᵀ
	Entries              // single elements
)

func (k Kind) String() string {
	return [...]string{"with matrices", "with matrices that are drawn again", "with vectors", "of elements"}[k]
}

func (s Sensing) String() string {
	held := ""
	if s.Kind == Matrices && s.Held < s.Elem {
		held = map[int]string{4: " held as f32", 2: " held as bf16"}[s.Held]
	}
	return fmt.Sprintf("n = %d, rank %d, %d measurements %s%s%s", s.N, s.R, s.M, s.Kind, held, s.runs())
}

func (s Sensing) Dims() map[string]int { return map[string]int{"n": s.N, "m": s.M, "r": s.R} }

// Scaled has fewer measurements, of matrices of the same order; of those that are drawn
// again enough for all threads to draw several at a time.
func (s Sensing) Scaled(share float64) Shape {
	t := s
	least := 16
	if s.Kind == Drawn {
		least = 128
	}
	t.M = dim(s.M, share, least)
	part := float64(t.M) / float64(s.M)
	t.Mapped, t.Read = s.Mapped*part, s.Read*part
	return t
}

func (s Sensing) Size() Size {
	n, m, r, w := float64(s.N), float64(s.M), float64(s.R), float64(s.Elem)
	z := Size{Runs: s.Runs, Shared: s.Fused && s.Kind == Matrices, Mapped: s.Mapped, Making: s.Read}
	triangle := n * (n + 1) / 2
	// Bytes that a pass works with, and those of 𝒜*(y), which each run holds.
	work, back := 0.0, square(n)*w
	if s.Own {
		back = tiled(n) * w
	}
	switch s.Kind {
	case Matrices:
		held := float64(s.Held)
		if !s.Own {
			held = w
		}
		z.Data = m * (triangle + 24) * held // whole cache lines, an odd number of them
		if s.Own {
			z.Run = ((min((m+3)/4, 16)+1)*triangle + 2*n*n) * w // sums of each run
		} else {
			work = (triangle + 2*n*n) * w
		}
		if s.Own && s.Held < s.Elem {
			// A line for each matrix before it is rounded; the collector lets as much
			// lie about as there is data.
			z.Making += min(m*triangle*w, z.Data)
		}
		z.Load.Pass, z.Load.Flops = m*triangle*float64(s.Held), 2*m*n*(n+1)+3*n*n*r
		z.Setup = 1e-8 * m * triangle
	case Drawn:
		work = (2*min(m, 16)+1)*triangle*w + n*n*w
		z.Load.Flops = 2*m*n*(n+1) + 3*n*n*r
		z.Setup = 1e-8 * m * triangle
		z.Drawn = 1e-8 * m * triangle
	case Vectors:
		z.Data = m * n * w
		z.Making += 8 * m * n
		z.Load.Pass, z.Load.Flops = z.Data, 4*m*n*r
		work, back = 4<<20/n*r, m*n*w // 𝒜*(y) has the vectors as columns
		z.Setup = 1e-8 * m * n
	case Entries:
		z.Data = 24*m + 8*n
		z.Making += 56 * m
		z.Load.Pass, z.Load.Flops = 24*m, 6*m*r
		work, back = 2*m*(4*8+2*(4+w)), 2*m*(4+w) // 𝒜*(y) is sparse
		z.Setup = 3e-7 * m
	}
	z.Load.Bytes = 3 * n * r * w
	z.Once = n*r*(2*8+w) + m*w + work // the start, as elements of the run; y; the U of the report
	z.Run += 4*n*r*w + m*w + back     // U, the next, the gradient, a product; the residual
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
