package problem

import "lowrank/data/matio"

// The files of a sample, a smaller problem of the same kind, hold numbers that are
// cheap to make; how long a step takes does not depend on them.

// SampleElement is a number in (−1, 1) that depends on the place.
func SampleElement(i, j int) float64 {
	h := uint64(i)*0x9e3779b97f4a7c15 ^ uint64(j)*0xbf58476d1ce4e5b9
	return float64(int64((h^h>>29)*0x94d049bb133111eb)) / (1 << 63)
}

// WriteSample writes a matrix, symmetric where it is square, with a norm of about
// 1; one column is a vector that decreases.
func WriteSample(path string, rows, cols int) error {
	data := make([]float64, rows*cols)
	if cols == 1 {
		for i := range data {
			data[i] = 1 - float64(i)/float64(rows)
		}
		return matio.WriteNPY(path, []int{rows}, data)
	}
	scale := 1 / float64(max(rows, cols))
	for i := range rows {
		for j := range cols {
			data[i*cols+j] = scale * SampleElement(min(i, j), max(i, j))
		}
	}
	return matio.WriteNPY(path, []int{rows, cols}, data)
}

// WriteSampleBand writes a sparse symmetric matrix of order n with about so many
// elements below its diagonal, which are spread over bands.
func WriteSampleBand(path string, n, below int) error {
	bands := max(below/n, 1)
	t := &matio.Triplets{Rows: n, Cols: n, Symmetry: matio.Symmetric}
	for i := range n {
		for k := range bands {
			if j := i - 1 - k*max(n/(bands+1), 1); j >= 0 {
				t.Row, t.Col, t.Value = append(t.Row, i), append(t.Col, j), append(t.Value, SampleElement(i, j)/float64(bands))
			}
		}
		t.Row, t.Col, t.Value = append(t.Row, i), append(t.Col, i), append(t.Value, 1-float64(i)/float64(n))
	}
	return matio.WriteMTX(path, t)
}

// WriteSamplePlaces writes a sparse m×n matrix with about so many elements, as many in
// each row, with their values or the places alone.
func WriteSamplePlaces(path string, m, n, count int, values bool) error {
	each := min(max((count+m-1)/m, 1), n)
	t := &matio.Triplets{Rows: m, Cols: n}
	for i := range m {
		for k := range each {
			if len(t.Row) == count {
				break
			}
			j := (i*7919 + k*(n/each)) % n
			t.Row, t.Col = append(t.Row, i), append(t.Col, j)
			if values {
				t.Value = append(t.Value, SampleElement(i+1, j)/float64(each)) // at (0, 0) is 0
			}
		}
	}
	return matio.WriteMTX(path, t)
}
