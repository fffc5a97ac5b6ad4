package plan

// MeasurementForm is a kind of measurement, and what follows for the memory and the time of
// a run. One more is one more value.
type MeasurementForm struct {
	Words string // as in: 1000 measurements with vectors
	// Matrices says that the A_i are held as matrices, whose elements may be narrower than
	// those of the run; runs read them once for all, where the backend can.
	Matrices bool
	// Least is how many a smaller problem has at least.
	Least int
	// Data is what the measurements take in a run.
	Data func(s Sensing) MeasurementData
}

func (f *MeasurementForm) String() string { return f.Words }

// MeasurementData is what measurements take in a run: bytes, operations, and work in
// seconds of one core.
type MeasurementData struct {
	Held   float64 // bytes in memory
	Making float64 // bytes beside Held while they are read or made
	Pass   float64 // bytes that a pass reads
	Flops  float64 // of a pass, for all columns of one run
	Setup  float64 // work before the iterations
	Drawn  float64 // work of drawing them, in each pass
	// Work is the bytes that a pass works with, Sums those of each run, Back those of
	// 𝒜*(y), which each run holds.
	Work, Sums, Back float64
}

// The kinds of measurements.
var (
	// Matrices are A_i in memory.
	Matrices = &MeasurementForm{Words: "with matrices", Matrices: true, Least: 16, Data: func(s Sensing) MeasurementData {
		n, m, r, w := s.sizes()
		triangle, held := n*(n+1)/2, float64(s.Held)
		z := MeasurementData{
			Pass: m * triangle * held, Flops: 2*m*n*(n+1) + 3*n*n*r, Setup: 1e-8 * m * triangle, Back: s.dense(),
		}
		if !s.Own {
			held = w
		}
		z.Held = m * (triangle + 24) * held // whole cache lines, an odd number of them
		if s.Own {
			z.Sums = ((min((m+3)/4, 16)+1)*triangle + 2*n*n) * w
		} else {
			z.Work = (triangle + 2*n*n) * w
		}
		if s.Own && s.Held < s.Elem {
			// A line for each matrix before it is rounded; the collector lets as much
			// lie about as there is data.
			z.Making = min(m*triangle*w, z.Held)
		}
		return z
	}}
	// Drawn are A_i drawn again in each pass: of few, threads would not draw several at a
	// time.
	Drawn = &MeasurementForm{Words: "with matrices that are drawn again", Least: 128, Data: func(s Sensing) MeasurementData {
		n, m, r, w := s.sizes()
		triangle := n * (n + 1) / 2
		return MeasurementData{
			Flops: 2*m*n*(n+1) + 3*n*n*r, Setup: 1e-8 * m * triangle, Drawn: 1e-8 * m * triangle,
			Work: (2*min(m, 16)+1)*triangle*w + n*n*w, Back: s.dense(),
		}
	}}
	// Vectors are a_ia_iᵀ; 𝒜*(y) has the vectors as columns.
	Vectors = &MeasurementForm{Words: "with vectors", Least: 16, Data: func(s Sensing) MeasurementData {
		n, m, r, w := s.sizes()
		return MeasurementData{
			Held: m * n * w, Making: 8 * m * n, Pass: m * n * w, Flops: 4 * m * n * r, Setup: 1e-8 * m * n,
			Work: 4 << 20 / n * r, Back: m * n * w,
		}
	}}
	// Entries are single elements; 𝒜*(y) is sparse.
	Entries = &MeasurementForm{Words: "of elements", Least: 16, Data: func(s Sensing) MeasurementData {
		n, m, r, w := s.sizes()
		return MeasurementData{
			Held: 24*m + 8*n, Making: 56 * m, Pass: 24 * m, Flops: 6 * m * r, Setup: 3e-7 * m,
			Work: 2 * m * (4*8 + 2*(4+w)), Back: 2 * m * (4 + w),
		}
	}}
)

// sizes are n, m, r and the bytes of an element.
func (s Sensing) sizes() (n, m, r, elem float64) {
	return float64(s.N), float64(s.M), float64(s.R), float64(s.Elem)
}

// dense is the bytes of 𝒜*(y) as a matrix.
func (s Sensing) dense() float64 {
	n, w := float64(s.N), float64(s.Elem)
	if s.Own {
		return tiled(n) * w
	}
	return square(n) * w
}
