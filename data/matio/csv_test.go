package matio

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	path := temp(t, "trace.csv")
	header := []string{"iteration", "loss, relative", `"quoted"`}
	rows := [][]float64{
		{0, 0.1, math.NaN()},
		{1000000, 1.0 / 3, math.Inf(1)},
		{-123456789, 5e-324, math.Inf(-1)},
		{999999999999999, 1e15, math.MaxFloat64},
		{math.Copysign(0, -1), float64(float32(0.1)), 1e-7},
	}
	if err := WriteCSV(path, header, rows); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	want := `iteration,"loss, relative","""quoted"""
0,0.1,nan
1000000,0.3333333333333333,inf
-123456789,5e-324,-inf
999999999999999,1e+15,1.7976931348623157e+308
-0,0.10000000149011612,1e-07
`
	if string(text) != want {
		t.Errorf("file\n%s\nwant\n%s", text, want)
	}

	gotHeader, gotRows, err := ReadCSV(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(gotHeader, header) || !slices.EqualFunc(gotRows, rows, same[float64]) {
		t.Errorf("%q, %v", gotHeader, gotRows)
	}
}

func TestCSVWithoutRows(t *testing.T) {
	path := temp(t, "trace.csv")
	if err := WriteCSV(path, []string{"x", "y"}, nil); err != nil {
		t.Fatal(err)
	}
	header, rows, err := ReadCSV(path)
	if !slices.Equal(header, []string{"x", "y"}) || len(rows) != 0 || err != nil {
		t.Errorf("%q, %v, %v", header, rows, err)
	}
}

func TestReadForeignCSV(t *testing.T) {
	path := put(t, temp(t, "trace.csv"), []byte("x,y\r\n 1 , 2.5e3\r\n\r\nNaN,-Infinity\r\n"))
	_, rows, err := ReadCSV(path)
	want := [][]float64{{1, 2500}, {math.NaN(), math.Inf(-1)}}
	if err != nil || !slices.EqualFunc(rows, want, same[float64]) {
		t.Errorf("%v, %v", rows, err)
	}
}

func TestDamagedCSV(t *testing.T) {
	t.Chdir(t.TempDir())
	for text, want := range map[string]string{
		"":               `x.csv: the file is empty; a line with the names of the columns was expected`,
		"a,b\n1\n":       `x.csv: line 2 has 1 field; as many as names in the header, 2, were expected`,
		"a,b\n1,2,3\n":   `x.csv: line 2 has 3 fields; as many as names in the header, 2, were expected`,
		"a,b\n1,2\n1,\n": `x.csv: line 3 has "" in the column "b"; a number was expected`,
		"a,b\n1,x\ny\n":  `x.csv: line 2 has "x" in the column "b"; a number was expected`,
		"a\n1e999\n":     `x.csv: line 2 has "1e999" in the column "a"; a number was expected`,
		"a\n\"1\n":       `x.csv: line 2 is not CSV (extraneous or missing " in quoted-field); fields separated by commas were expected`,
		"a\n1\"2\n":      `x.csv: line 2 is not CSV (bare " in non-quoted-field); fields separated by commas were expected`,
	} {
		put(t, "x.csv", []byte(text))
		_, _, err := ReadCSV("x.csv")
		wantSentence(t, err, want)
	}
	_, _, err := ReadCSV("missing.csv")
	wantSentence(t, err, "missing.csv: does not exist; a CSV file was expected")
	_, _, err = ReadCSV(".")
	wantSentence(t, err, ".: is a directory; a CSV file was expected")
	put(t, "x.csv", []byte("a\n"+strings.Repeat("z", 100)))
	_, _, err = ReadCSV("x.csv")
	wantSentence(t, err, `x.csv: line 2 has "`+strings.Repeat("z", 40)+`"… in the column "a"; a number was expected`)
}
