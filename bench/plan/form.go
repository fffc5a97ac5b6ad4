package plan

// Form is how Σ is held, and what follows for the memory and the time of a run.
// One more is one more value: of Σ with an operator of its own it stands beside the
// source that reads it.
type Form struct {
	Words string // as in: Σ diagonal
	// Square says that the data grows with the square of the order, Counted that K does
	// with the order too: a problem with less data has less of both.
	Square, Counted bool
	// Bounds says that the rank is at most K.
	Bounds bool
	// Known says that leading eigenpairs need no computation.
	Known bool
	// Shares says that runs read the data once for all, where the backend can.
	Shares bool
	// Data is what the form takes for a run on Σ.
	Data func(s Symmetric) Data
}

func (f *Form) String() string { return f.Words }

// Data is what Σ or A takes in a run: bytes, operations, and work in seconds of one core.
type Data struct {
	Held   float64 // bytes in memory
	Making float64 // bytes beside Held while it is read or made
	Pass   float64 // bytes that a pass reads
	Flops  float64 // of a pass, for all columns of one run
	Sweeps float64 // passes over X in an iteration; 0 stands for the usual three, which runs on A make
	Setup  float64 // work before the iterations
	Report float64 // work behind them
	// Distance is the bytes of the error at the end, Beside those that a run holds
	// beside X, ΣX and the sums of a sweep.
	Distance, Beside float64
}

// The forms of Σ.
var (
	Dense = &Form{Words: "dense", Square: true, Shares: true, Data: func(s Symmetric) Data {
		d, r, w := float64(s.D), float64(s.R), float64(s.Elem)
		z := Data{
			Held: d * d * w, Pass: d * (d + 1) / 2 * float64(s.Held), Flops: 2 * d * d * r,
			Setup: 4e-9 * d * d, Report: 1e-9 * d * d * (1 + r/16), Distance: RowsOfDistance * d * 8, Beside: d * r * w,
		}
		if s.Own {
			z.Held = tiled(d) * float64(s.Held)
			z.Making = d * d / (2 * tile) * float64(s.Held) // a line for each row of tiles
			z.Beside = 2 * (d + tile) * padded(s.R, s.Elem) * w
		}
		if s.Generated {
			z.Making += 8 * d * (3 + 2*8) // λ and the reflections
		}
		return z
	}}
	Diagonal = &Form{Words: "diagonal", Known: true, Data: func(s Symmetric) Data { // diag(λ)
		d, r, w := float64(s.D), float64(s.R), float64(s.Elem)
		return Data{
			Held: d * w, Making: 8 * d, Pass: d * w, Flops: d * r, Sweeps: 2,
			Setup: 2e-8*d*r + 1e-7*d, Report: 1e-9*d*r*r + 1e-7*d, Distance: 8*d*r + 17*d, Beside: -d * r * w,
		}
	}}
	// Product is of thin factors: U·diag(λ)·Uᵀ.
	Product = &Form{Words: "a product of thin factors", Bounds: true, Data: func(s Symmetric) Data {
		d, r, k, w := float64(s.D), float64(s.R), float64(s.K), float64(s.Elem)
		return Data{
			Held: d * k * w, Pass: 2 * d * k * w, Flops: 4 * d * k * r,
			Setup: 4e-9 * d * k, Report: 1e-9 * d * square(k+r), Distance: stacks * 8 * d * (k + r),
		}
	}}
	Gram = &Form{Words: "of a data matrix", Square: true, Counted: true, Bounds: true, Data: func(s Symmetric) Data { // ZᵀZ/n
		d, r, k, w := float64(s.D), float64(s.R), float64(s.K), float64(s.Elem)
		z := Data{
			Held: k * d * w, Pass: k * d * w, Flops: 4 * k * d * r,
			Setup: 4e-9 * d * k, Report: 5e-11 * k * d * d,
			Distance: RowsOfDistance*d*8 + (8-w)/4*k*d*w, // f32 is widened
		}
		if 4*(s.K+s.R) <= s.D {
			z.Report, z.Distance = 1e-9*d*square(k+r), z.Held+stacks*8*d*(k+r)
		}
		return z
	}}
	// Sparse is the elements that are not 0.
	Sparse = &Form{Words: "sparse", Counted: true, Data: func(s Symmetric) Data {
		d, r, k, w := float64(s.D), float64(s.R), float64(s.K), float64(s.Elem)
		return Data{
			Held: k*(4+w) + 8*d, Making: k * sparseReading, Pass: k * (4 + w), Flops: 2 * k * r,
			Setup: 4e-7 * k, Report: 4e-9*k*(1+r) + 1.5e-9*d*r*(1+r), Distance: sparseSums(r),
		}
	}}
)

// sparseSums are the bytes of the sums of a sparse distance.
func sparseSums(r float64) float64 { return 32 * 16 * r }

// RowsOfDistance is how many rows of Σ a distance forms at a time, that is not one of
// thin factors.
const RowsOfDistance = 128
