package krylov

// ledger is what bases that grow together took.
type ledger struct {
	runs   int // that began in them
	passes int
	cost   float64 // in operations
}

// Passes is the number of passes over the data that were made for this basis and those
// that grow with it.
func (l *ledger) Passes() int { return l.passes }

// OfRuns is what all runs take of which each takes so much.
func (l *ledger) OfRuns(each float64) float64 { return float64(l.runs) * each }

// Cost is what the passes took with the orthogonalization, in operations, and the steps
// of all runs, where each took so many.
func (l *ledger) Cost(steps float64) float64 { return l.cost + l.OfRuns(steps) }
