package roofline

import (
	"bytes"
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lowrank/bench"
	"lowrank/bench/ceiling"
	"lowrank/bench/figure"
	"lowrank/bench/suite"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
)

// madeUp is a roofline of a machine that reads 50 GB/s and computes 100 GF/s.
func madeUp() *Roofline {
	row, _ := kernel.Active()
	s := ceiling.NewSurvey(ceiling.Plan{
		Threads: []int{1, 2}, Rows: []kernel.Row{row}, Octave: 1, Caches: ceiling.Caches{L1D: 32 << 10, L2: 512 << 10}, Memory: 64 << 20,
	})
	for i := range s.Sweep {
		s.Sweep[i].Rate = 50e9
	}
	for i := range s.Traffic {
		s.Traffic[i].Rate = 30e9
	}
	for i := range s.Peaks {
		s.Peaks[i].Rate = 100e9
	}
	return &Roofline{
		Machine: bench.Machine{CPU: "made up", Threads: 2, Backend: "native", Kernel: row.Name},
		Caches:  s.Plan.Caches, Row: row.Name, DType: "f64", Survey: s,
	}
}

func TestShare(t *testing.T) {
	r := madeUp()
	for _, c := range []struct {
		p     Placed
		share float64
		by    string
	}{
		{Placed{Bytes: 1e9, Flops: 1e9, Seconds: 0.04}, 0.5, "memory"}, // 20 ms to read, 10 to compute
		{Placed{Bytes: 1e9, Flops: 8e9, Seconds: 0.1}, 0.8, "peak"},
		{Placed{Bytes: 1e9, Flops: 1e9, Seconds: 0.01}, 2, "memory"},
	} {
		if got := r.share(c.p); math.Abs(got-c.share) > 1e-12 || r.boundBy(c.p) != c.by {
			t.Errorf("%+v: %g by %s, want %g by %s", c.p, got, r.boundBy(c.p), c.share, c.by)
		}
	}
}

// TestNotes: a machine whose caches are not known says so, and one with little
// memory.
func TestNotes(t *testing.T) {
	r := madeUp()
	if notes := strings.Join(r.notes(), "\n"); !strings.Contains(notes, "L3") || strings.Contains(notes, "L2") || strings.Contains(notes, "times the caches") {
		t.Errorf("notes %q", notes)
	}
	r.Caches.L3 = 32 << 20 // of which 64 MiB are not 4 times
	if notes := strings.Join(r.notes(), "\n"); !strings.Contains(notes, "1.9 times the caches") {
		t.Errorf("notes %q", notes)
	}
	if notes := strings.Join(r.notes(), "\n"); strings.Contains(notes, "quiet") {
		t.Errorf("notes %q", notes)
	}
	for i := range r.Survey.Traffic {
		if at := &r.Survey.Traffic[i]; at.Threads == 1 && at.Stream.Name == "read" {
			at.Rate = 60e9
		}
		if at := &r.Survey.Traffic[i]; at.Threads == 2 && at.Stream.Name == "axpy" {
			at.Rate = 70e9
		}
	}
	if notes := strings.Join(r.notes(), "\n"); !strings.Contains(notes, "1 threads read 60.0 GB/s, all of them 50.0") || !strings.Contains(notes, "axpy moved 70.0") {
		t.Errorf("notes %q", notes)
	}
	r.Survey.Plan.Caches = ceiling.Caches{}
	if len(r.Survey.Levels(2)) != 1 {
		t.Errorf("levels %+v of unknown caches", r.Survey.Levels(2))
	}
	if page := r.page(); missing(page.Caption) {
		t.Error("a character of the caption is not in the font")
	}
}

func missing(s string) bool { return len(figure.MissingGlyphs(s)) > 0 }

// TestOperations: what is placed exists, for every backend and element type.
func TestOperations(t *testing.T) {
	for _, dtype := range []string{"f64", "f32"} {
		b, err := blas.Open("native", 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, effort := range []Effort{Full, Quick} {
			ops := operations(Request{Backend: b, DType: dtype, Operations: true, Effort: effort})
			families := map[string]bool{}
			for _, o := range ops {
				families[o.Family] = true
				if o.DType != dtype || o.Param("backend") != "native" {
					t.Errorf("%s for %s", o.Name(), dtype)
				}
			}
			for _, f := range suite.Families() {
				if !families[f.Name] && f.Name != "Ensemble" && f.Name != "Shapes" {
					t.Errorf("no operation of %s", f.Name)
				}
			}
		}
		if len(operations(Request{Backend: b, DType: dtype})) > 0 {
			t.Error("operations that nobody asked for")
		}
	}
}

func TestMeasure(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	q := Request{Backend: b, DType: "f32", Operations: true, Effort: Effort{
		Ceilings: 300 * time.Millisecond, Operation: time.Millisecond, Octave: 1, Memory: 8 << 20, Small: true,
	}}
	r, err := Measure(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Skipped) > 0 || len(r.Placed) != len(operations(q)) {
		t.Errorf("%d operations of %d placed, left out %q", len(r.Placed), len(operations(q)), r.Skipped)
	}
	for _, p := range r.Placed {
		if !(p.rate() > 0) || !(p.intensity() > 0) || !(r.share(p) > 0) {
			t.Errorf("%+v", p)
		}
	}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Placed {
		if !strings.Contains(text.String(), short(p.Name)) {
			t.Errorf("%s is not printed", p.Name)
		}
	}
	dir := t.TempDir()
	paths, err := r.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{
		"roofline.csv": len(r.Survey.Sweep), "roofline-memory.csv": len(r.Survey.Traffic),
		"roofline-rows.csv": len(r.Survey.Peaks), "roofline-operations.csv": len(r.Placed),
	}
	for i, path := range paths {
		if path != filepath.Join(dir, Files[i]) {
			t.Errorf("wrote %s, want %s", path, Files[i])
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if want, isTable := rows[Files[i]]; isTable {
			if lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll(); err != nil || len(lines) != want+1 {
				t.Errorf("%s: %d lines for %d rows, %v", path, len(lines), want, err)
			}
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Measure(ctx, q); err == nil {
		t.Error("no error where the context ended")
	}
}
