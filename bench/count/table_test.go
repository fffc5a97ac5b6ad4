package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"lowrank/kernel"
)

func TestTableReadsWhatItWrote(t *testing.T) {
	counts := []count{ // in no order of the alphabet: the order is kept
		{key{"generic", label{"f64", "step, dense Σ", "d=480 r=2", "element of half of Σ"}}, 19.2271, "go1.26"},
		{key{"avx2", label{"f64 of bf16", "a name that is longer than its column", "n=1", "element"}}, 0.5, ""},
		{key{"avx2", label{"f32", "Gemm h=1", "k=320", "multiply-add"}}, 12345678.25, ""},
	}
	var b bytes.Buffer
	if err := writeTable(&b, counts); err != nil {
		t.Fatal(err)
	}
	got, err := readTable(&b)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, counts) {
		t.Errorf("read %v, want %v", got, counts)
	}
}

func TestReadTableRefuses(t *testing.T) {
	const good = "avx2  f64  Dot  n=4  0.5  element  -\n"
	for _, c := range []struct{ name, text, want string }{
		{"too few columns", "# head\navx2  f64  Dot  n=4  0.5  element\n", "line 2 has 6 columns; expected 7"},
		{"no number", strings.Replace(good, "0.5", "half", 1), `line 1: instructions are "half"`},
		{"not a number", strings.Replace(good, "0.5", "NaN", 1), "expected a number above 0"},
		{"zero", strings.Replace(good, "0.5", "0.0000", 1), "expected a number above 0"},
		{"the same twice", good + good, "line 2: avx2 f64 Dot, n=4 stands in the table twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := readTable(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v and error %v; want %q", got, err, c.want)
			}
		})
	}
}

// The file has a line for every kernel of the rows that are counted and compiled in
// here, in their order, and for no other kernel of them.
func TestFileHasEveryKernel(t *testing.T) {
	f, err := os.Open("counts.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	saved, err := readTable(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range rows {
		if !slices.Contains(kernel.Compiled(), name) {
			continue
		}
		var want []key
		for _, task := range kernelTasks(rowNamed(t, name)) {
			want = append(want, key{name, task.label})
		}
		var got []key
		for _, c := range saved {
			if c.Row == name && len(got) < len(want) { // passes follow
				got = append(got, c.key)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("row %s: the file begins with\n%v\nwant\n%v\nmake count-save writes it", name, got, want)
		}
	}
}
