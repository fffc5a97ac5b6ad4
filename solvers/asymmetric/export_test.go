package asymmetric

// Grams are XᵀX and YᵀY of the current iterate, k×k. They share storage with
// the solver.
func (s *Solver[T]) Grams() (gx, gy []T) { return s.gx, s.gy }
