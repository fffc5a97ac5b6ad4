package solvers

// Trace is the table in which a run is recorded: one row a recorded iterate.
type Trace struct {
	Columns []string
	Rows    [][]float64
}

// Column returns the values under a name, nil when there is no such column.
func (t *Trace) Column(name string) []float64 {
	for c, n := range t.Columns {
		if n == name {
			v := make([]float64, len(t.Rows))
			for i, row := range t.Rows {
				v[i] = row[c]
			}
			return v
		}
	}
	return nil
}
