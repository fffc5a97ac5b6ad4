package figure

import "fmt"

// mostCells is how many cells a side may have.
const mostCells = 400

// checkMatrix bounds the sides, for finer cells cannot be seen.
func checkMatrix(name string, values [][]float64) error {
	rows := len(values)
	if rows == 0 || len(values[0]) == 0 {
		return fmt.Errorf("the %s has no values", name)
	}
	cols := len(values[0])
	for i, row := range values {
		if len(row) != cols {
			return fmt.Errorf("row %d of the %s has %d values but the first row has %d", i+1, name, len(row), cols)
		}
	}
	if rows > mostCells || cols > mostCells {
		return fmt.Errorf("the %s has %d × %d cells, and no side may have more than %d", name, rows, cols, mostCells)
	}
	return nil
}
