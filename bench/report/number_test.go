package report

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"lowrank/data/matio"
)

var awkward = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.1, 1.0 / 3, -2.0 / 3, 1e-5, 1e-4, 123456.5, 1234567.5, 1e6, 1e14, 1e15, 1e21, 1e22,
	math.MaxFloat64, math.SmallestNonzeroFloat64, math.Pi, -math.Pi * 1e-300, 5e-324, 1<<53 + 2, nan, inf, -inf,
}

// TestNumbersReadBack: the same bits, but for those of a NaN.
func TestNumbersReadBack(t *testing.T) {
	b, err := json.Marshal(numbers(awkward))
	if err != nil {
		t.Fatal(err)
	}
	var got numbers
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(awkward) {
		t.Fatalf("%d numbers, want %d", len(got), len(awkward))
	}
	for i, want := range awkward {
		if math.Float64bits(got[i]) != math.Float64bits(want) && !(math.IsNaN(got[i]) && math.IsNaN(want)) {
			t.Errorf("%g reads back as %g", want, got[i])
		}
		var one number
		if text, err := json.Marshal(number(want)); err != nil || json.Unmarshal(text, &one) != nil || !same(float64(one), want) {
			t.Errorf("%g alone reads back as %g", want, float64(one))
		}
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// TestNumbersAreThoseOfTheCSVFile compares the digits.
func TestNumbersAreThoseOfTheCSVFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	var rows [][]float64
	for _, x := range awkward {
		rows = append(rows, []float64{x})
	}
	if err := matio.WriteCSV(path, []string{"x"}, rows); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range awkward {
		want := records[i+1][0]
		switch {
		case math.IsNaN(x):
			want = "null"
		case math.IsInf(x, 0):
			want = `"` + want + `"`
		}
		if got := string(appendNumber(nil, x)); got != want {
			t.Errorf("%g is %s, want %s", x, got, want)
		}
	}
}

func TestBadNumbers(t *testing.T) {
	for _, text := range []string{`["nan"]`, `[true]`, `[[1]]`, `{}`, `1`, `"x"`, `[1,"inf",{}]`, `[1e999]`} {
		var v numbers
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s is read as %v", text, v)
		}
	}
	for text, n := range map[string]int{`[]`: 0, ` [ ] `: 0, `[ 1 , 2 ]`: 2, `[null]`: 1} {
		var v numbers
		if err := json.Unmarshal([]byte(text), &v); err != nil || len(v) != n {
			t.Errorf("%s is read as %v, %v", text, v, err)
		}
	}
}
