package sensing

import "lowrank/solvers/operator"

// Back is 𝒜*(y), the matrix whose power method a small start follows.
func (s *Solver[T]) Back() operator.Operator[T] { return s.back }
