package figure

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// lattice holds the values of a field where contour lines are sought: at the
// middles of the cells and, repeated, on the edge of the field.
type lattice struct {
	values     [][]float64
	log        bool
	rows, cols int
}

func newLattice(values [][]float64, log bool) lattice {
	return lattice{values, log, len(values) + 2, len(values[0]) + 2}
}

func (l lattice) at(i, j int) float64 {
	inner := func(k, n int) int { return min(max(k-1, 0), n-1) }
	return l.height(l.values[inner(i, len(l.values))][inner(j, len(l.values[0]))])
}

func (l lattice) height(v float64) float64 {
	switch {
	case !drawable(v, l.log):
		return math.NaN()
	case l.log:
		return math.Log10(v)
	}
	return v
}

// place counts cells from the edge of the field.
func place(k, n int) vg.Length { return min(max(vg.Length(k)-0.5, 0), vg.Length(n-2)) }

// side is a side of a square of the lattice: the one to the right of node
// (i, j), or the one above it.
type side struct {
	i, j  int
	above bool
}

// crossing is where a level crosses a side.
func (l lattice) crossing(s side, level float64) vg.Point {
	i, j := s.i, s.j+1
	if s.above {
		i, j = s.i+1, s.j
	}
	v, w := l.at(s.i, s.j), l.at(i, j)
	t := vg.Length((level/2 - v/2) / (w/2 - v/2))
	x, y := place(s.j, l.cols), place(s.i, l.rows)
	return vg.Point{X: x + t*(place(j, l.cols)-x), Y: y + t*(place(i, l.rows)-y)}
}

// pieces of the level within the square above and to the right of a node are
// pairs of sides that it joins.
func (l lattice) pieces(i, j int, level float64) [][2]side {
	a, b, c, d := l.at(i, j), l.at(i, j+1), l.at(i+1, j+1), l.at(i+1, j)
	if math.IsNaN(a + b + c + d) {
		return nil
	}
	bottom, right, top, left := side{i, j, false}, side{i, j + 1, true}, side{i + 1, j, false}, side{i, j, true}
	var crossed []side
	for _, s := range []struct {
		side side
		v, w float64
	}{{bottom, a, b}, {right, b, c}, {top, c, d}, {left, d, a}} {
		if (s.v >= level) != (s.w >= level) {
			crossed = append(crossed, s.side)
		}
	}
	switch {
	case len(crossed) == 2:
		return [][2]side{{crossed[0], crossed[1]}}
	case len(crossed) == 0:
		return nil
	case (a/4+b/4+c/4+d/4 >= level) == (a >= level): // a saddle; its middle goes with a and c
		return [][2]side{{bottom, right}, {top, left}}
	}
	return [][2]side{{bottom, left}, {right, top}}
}

// contour returns the lines along which the values of a field have a level. Their points
// count cells from the lower left corner.
func (l lattice) contour(level float64) (lines [][]vg.Point) {
	level = l.height(level)
	var pieces [][2]side
	for i := range l.rows - 1 {
		for j := range l.cols - 1 {
			pieces = append(pieces, l.pieces(i, j, level)...)
		}
	}
	at := map[side][]int{} // the pieces that end on a side, two at most
	for n, p := range pieces {
		at[p[0]], at[p[1]] = append(at[p[0]], n), append(at[p[1]], n)
	}
	used := make([]bool, len(pieces))
	follow := func(n int, from side) {
		line := []vg.Point{l.crossing(from, level)}
		for n >= 0 {
			used[n] = true
			if from == pieces[n][0] {
				from = pieces[n][1]
			} else {
				from = pieces[n][0]
			}
			line = append(line, l.crossing(from, level))
			n = -1
			for _, next := range at[from] {
				if !used[next] {
					n = next
				}
			}
		}
		lines = append(lines, line)
	}
	for n, p := range pieces { // from the ends of open lines
		for _, end := range p {
			if len(at[end]) == 1 && !used[n] {
				follow(n, end)
			}
		}
	}
	for n, p := range pieces { // closed ones
		if !used[n] {
			follow(n, p[0])
		}
	}
	return lines
}
