package plan

// RectangularForm is how A is held, and what follows for the memory and the time of a run.
// One more is one more value.
type RectangularForm struct {
	Words string // as in: A sparse
	// Square says that the data grows with the square of the order, Counted that Inner does
	// with the order too, Thin that no order is below Inner.
	Square, Counted, Thin bool
	// Bounds says that the rank is at most Inner.
	Bounds bool
	// Shares says that runs read the data once for all, where the backend can.
	Shares bool
	// Data is what the form takes for a run on A.
	Data func(s Asymmetric) Data
}

func (f *RectangularForm) String() string { return f.Words }

// The forms of A.
var (
	RectangularDense = &RectangularForm{Words: "dense", Square: true, Shares: true, Data: func(s Asymmetric) Data {
		m, n, k, p, w := s.sizes()
		z := Data{
			Held: m * n * w, Pass: m * n * w, Flops: 4 * m * n * k,
			Setup: 6e-9 * m * n, Report: 1e-9 * m * n * (2 + k/8), Distance: s.rowsOfDistance(),
		}
		if s.Own {
			z.Held = (m + 4) * (n + 24) * w // the last tiles are filled up
			z.Making = m * n / tile * w     // a line for each row of tiles
			z.Beside = 4 * (m + n + 2*tile) * padded(s.K, s.Elem) * w
		}
		if s.Generated {
			z.Making += 8*m*n + 8*(m+n)*p*2
			z.Setup += 1e-9 * m * n * p
		}
		if s.Noise {
			z.Setup += 1e-8 * m * n
		}
		return z
	}}
	// RectangularProduct is L·Rᵀ.
	RectangularProduct = &RectangularForm{Words: "a product of thin factors", Thin: true, Bounds: true, Data: func(s Asymmetric) Data {
		m, n, k, p, w := s.sizes()
		z := Data{
			Held: (m + n) * p * w, Pass: 2 * (m + n) * p * w, Flops: 4 * (m + n) * p * k,
			Setup: 2e-8 * (m + n) * p, Report: 1e-9 * (m + n) * square(p+k), Distance: 3 * 8 * (m + n) * (p + k),
		}
		if s.Generated {
			z.Making = 8 * (m + n) * p * 2
		}
		return z
	}}
	// RectangularSparse is the elements that are not 0, by rows and by columns.
	RectangularSparse = &RectangularForm{Words: "sparse", Counted: true, Data: func(s Asymmetric) Data {
		m, n, k, p, w := s.sizes()
		return Data{
			Held: 2*p*(4+w) + 8*(m+n), Making: p * sparseReading / 2, Pass: 2 * p * (4 + w), Flops: 4 * p * k,
			Setup: 3e-7 * p, Report: 4e-9*p*(1+k) + 1.5e-9*(m+n)*k*(1+k), Distance: sparseSums(k),
		}
	}}
)

// sizes are m, n, k, those of the form and the bytes of an element.
func (s Asymmetric) sizes() (m, n, k, inner, elem float64) {
	return float64(s.M), float64(s.N), float64(s.K), float64(s.Inner), float64(s.Elem)
}

// rowsOfDistance are the bytes of the rows of A that a distance forms at a time.
func (s Asymmetric) rowsOfDistance() float64 {
	return min(RowsOfDistance, float64(s.M)) * float64(s.N) * 8
}
