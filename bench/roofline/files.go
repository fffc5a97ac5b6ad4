package roofline

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"

	"lowrank/data/matio"
)

// Files are the names of what Write makes, the object of --json aside.
var Files = []string{"roofline.csv", "roofline-memory.csv", "roofline-rows.csv", "roofline-operations.csv", "roofline.svg", "roofline.png"}

// Write makes the files in a directory that exists, each whole or not at all, and
// returns their paths.
func (r *Roofline) Write(dir string) ([]string, error) {
	page := r.page()
	svg, err := page.SVG()
	if err != nil {
		return nil, err
	}
	png, err := page.PNG()
	if err != nil {
		return nil, err
	}
	var paths []string
	for i, data := range [][]byte{r.sweepCSV(), r.memoryCSV(), r.rowsCSV(), r.operationsCSV(), svg, png} {
		path := filepath.Join(dir, Files[i])
		if err := matio.WriteFile(path, data); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// table writes rows as CSV.
func table(rows [][]any) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = fmt.Sprint(c)
		}
		_ = w.Write(cells) // a buffer takes everything
	}
	w.Flush()
	return b.Bytes()
}

func (r *Roofline) sweepCSV() []byte {
	rows := [][]any{{"threads", "working_set_bytes", "gbs"}}
	for _, p := range r.Survey.Sweep {
		rows = append(rows, []any{p.Threads, p.Bytes, p.Rate / 1e9})
	}
	return table(rows)
}

func (r *Roofline) memoryCSV() []byte {
	rows := [][]any{{"stream", "threads", "gbs"}}
	for _, t := range r.Survey.Traffic {
		rows = append(rows, []any{t.Stream.Name, t.Threads, t.Rate / 1e9})
	}
	return table(rows)
}

func (r *Roofline) rowsCSV() []byte {
	rows := [][]any{{"row", "dtype", "threads", "gfs"}}
	for _, p := range r.Survey.Peaks {
		rows = append(rows, []any{p.Row, p.DType, p.Threads, p.Rate / 1e9})
	}
	return table(rows)
}

func (r *Roofline) operationsCSV() []byte {
	rows := [][]any{{"number", "name", "bytes", "flops", "seconds", "flops_per_byte", "gfs", "share", "bound"}}
	for i, p := range r.Placed {
		rows = append(rows, []any{i + 1, p.Name, p.Bytes, p.Flops, p.Seconds, p.intensity(), p.rate() / 1e9, r.share(p), r.boundBy(p)})
	}
	return table(rows)
}
