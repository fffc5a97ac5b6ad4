package krylov

import (
	"fmt"
	"slices"

	"lowrank/blas"
)

// finite fails where a start has elements that are not.
func finite(starts ...[]blas.General[float64]) error {
	for _, side := range starts {
		for _, x := range side {
			for i := range x.Rows {
				for j, v := range x.Row(i) {
					if v-v != 0 {
						return fmt.Errorf("the start has the element %v in row %d, column %d; expected finite numbers", v, i+1, j+1)
					}
				}
			}
		}
	}
	return nil
}

// alike are the numbers of the starts, those together whose first columns are multiples of
// each other and whose columns the columns of the first of them span: such as differ in
// scale alone.
func alike(b level1, starts ...[]blas.General[float64]) (groups [][]int) {
	if len(starts[0]) == 1 {
		return [][]int{{0}}
	}
	groupOf := map[string]int{}
	var spans [][]blas.General[float64] // of the first of each group, orthonormal rows
	for i := range starts[0] {
		var key string
		var of []blas.General[float64] // the columns as rows
		for _, side := range starts {
			rows := blas.NewGeneral[float64](side[i].Cols, side[i].Rows)
			transpose(rows, side[i])
			of = append(of, rows)
			key += direction(rows)
		}
		if at, ok := groupOf[key]; ok && spanned(b, spans[at], of) {
			groups[at] = append(groups[at], i)
			continue
		}
		for side := range of {
			of[side] = spanOf(b, of[side])
		}
		groupOf[key] = len(groups)
		groups, spans = append(groups, []int{i}), append(spans, of)
	}
	return groups
}

// direction tells first rows apart that are not multiples of each other, nearly always.
func direction(rows blas.General[float64]) string {
	if rows.Rows == 0 {
		return "none,"
	}
	a, b := NewSigns(), NewSigns()
	b.turn()
	var s, t float64
	for _, v := range rows.Row(0) {
		s += a.next() * v
		t += b.next() * v
	}
	return fmt.Sprintf("%v,", float32(s/t)) // rounding differs behind its digits
}

// spanOf makes orthonormal rows of the rows, in place, and returns those that are left.
func spanOf(b level1, rows blas.General[float64]) blas.General[float64] {
	least := b.norms(rows)
	for c := range least {
		least[c] *= deflationOfStart
	}
	v, _, _, _ := emptySpace(b, rows.Cols).within(rows, least)
	return v
}

// spanned says whether spans have all rows of a start in them. It takes their parts off
// a copy.
func spanned(b level1, spans, of []blas.General[float64]) bool {
	for side, span := range spans {
		for c := range of[side].Rows {
			row := slices.Clone(of[side].Row(c))
			own := b.nrm2(row)
			if without(b, row, span); b.nrm2(row) > deflationOfStart*own {
				return false
			}
		}
	}
	return true
}

// without takes from a vector its part in orthonormal rows, twice.
func without(b level1, v []float64, rows blas.General[float64]) {
	for range 2 {
		for i := range rows.Rows {
			b.axpy(-b.dot(rows.Row(i), v), rows.Row(i), v)
		}
	}
}
