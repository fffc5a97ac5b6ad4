package kernel

import (
	"fmt"
	"testing"
)

// testStep compares Update and Diagonal with the definition: with δ = y − xG, the
// rows become x + ηδ, and the sums are Σ‖δ‖², Σ‖y‖² and those of the new rows'
// Gram matrix.
func testStep[T Float](t *testing.T, k Kernels[T], s []*space[T]) {
	const eta = 2 // products of small integers stay exact
	for r := 1; r <= 2; r++ {
		for _, groups := range []int{1, 2, 3, 8} {
			for kind, kernel := range map[string]func(groups int, eta T, lambda, x, y, g, sums []T){
				"Update": k.Update[r-1], "Diagonal": k.Diagonal[r-1],
			} {
				name := fmt.Sprintf("%s r=%d groups=%d", kind, r, groups)
				n := groups * 2 * k.Lanes
				m := n / r
				small := func(s *space[T], n int) []T {
					x := s.vector(n)
					for i := range x {
						x[i] = T(int(x[i]) % 2)
					}
					return x
				}
				x, y, lambda := small(s[0], n), small(s[1], n), small(s[2], m)
				g := small(s[3], r*r)
				if r == 2 {
					g[1] = g[2]
				}
				sums := s[4].vector(5)
				wantSums := clone(sums)
				clear(wantSums[:map[int]int{1: 3, 2: 5}[r]])
				out, wantX, wantY := 1, clone(x), clone(y)
				want := wantY
				if kind == "Diagonal" {
					out, want, y = 0, wantX, nil
				}
				next := make([]T, n)
				for i := range m {
					for j := range r {
						v := wantY[i*r+j]
						if kind == "Diagonal" {
							v = lambda[i] * x[i*r+j]
						}
						wantSums[1] += v * v
						for c := range r {
							v -= x[i*r+c] * g[c*r+j]
						}
						wantSums[0] += v * v
						next[i*r+j] = x[i*r+j] + eta*v
					}
					row := next[i*r : (i+1)*r]
					wantSums[2] += row[0] * row[0]
					if r == 2 {
						wantSums[3] += row[1] * row[1]
						wantSums[4] += row[1] * row[0]
					}
				}
				copy(want, next)
				if kind == "Update" {
					kernel(groups, eta, nil, x, y, g, sums)
				} else {
					kernel(groups, eta, lambda, x, x, g, sums)
				}
				s[out].check(name, want)
				s[4].check(name+": sums", wantSums)
				if out == 1 {
					s[0].check(name+": X", wantX)
				}
			}
		}
	}
}
