package matio

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// WriteCSV writes a line of names and a line of numbers for each row to path,
// atomically. Each number is the shortest that reads back as the same value;
// NaN and the infinities are "nan", "inf" and "-inf", as NumPy and pandas read
// them. It panics if a name is empty or a row is not as long as the header.
func WriteCSV(path string, header []string, rows [][]float64) error {
	if len(header) == 0 || slices.Contains(header, "") {
		panic(fmt.Sprintf("matio: header %q of a CSV file", header))
	}
	for k, row := range rows {
		if len(row) != len(header) {
			panic(fmt.Sprintf("matio: row %d of a CSV file has %d numbers for %d columns", k, len(row), len(header)))
		}
	}
	return Replace(path, func(w io.Writer) error {
		c := csv.NewWriter(w)
		if err := c.Write(header); err != nil {
			return err
		}
		fields := make([]string, len(header))
		for _, row := range rows {
			for k, x := range row {
				fields[k] = formatNumber(x)
			}
			if err := c.Write(fields); err != nil {
				return err
			}
		}
		c.Flush()
		return c.Error()
	})
}

func formatNumber(x float64) string {
	switch {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	case x == math.Trunc(x) && math.Abs(x) < 1e15: // a count; 'g' would write a million as 1e+06
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// ReadCSV reads back what WriteCSV wrote, a trace or the data of a figure: a line of
// names, then lines of as many numbers.
func ReadCSV(path string) (header []string, rows [][]float64, err error) {
	const kind = "CSV file"
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, openFault(path, kind, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, nil, faultf(path, "is a directory; a %s was expected", kind)
	}

	c := csv.NewReader(f)
	c.FieldsPerRecord = -1 // the sentence about a ragged line is ours
	c.ReuseRecord = true
	for {
		record, err := c.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, csvFault(path, err)
		}
		if header == nil {
			header = slices.Clone(record)
			continue
		}
		line, _ := c.FieldPos(0)
		if len(record) != len(header) {
			return nil, nil, faultf(path, "line %d has %s; as many as names in the header, %d, were expected",
				line, fields(len(record)), len(header))
		}
		row := make([]float64, len(record))
		for k, field := range record {
			row[k], err = strconv.ParseFloat(strings.TrimSpace(field), 64)
			if err != nil {
				return nil, nil, faultf(path, "line %d has %s in the column %s; a number was expected",
					line, quoted(field), quoted(header[k]))
			}
		}
		rows = append(rows, row)
	}
	if header == nil {
		return nil, nil, faultf(path, "the file is empty; a line with the names of the columns was expected")
	}
	return header, rows, nil
}

func csvFault(path string, err error) error {
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return causef(path, err, "line %d is not CSV (%s); fields separated by commas were expected", syntax.Line, syntax.Err)
	}
	return causef(path, err, "cannot be read (%s); an intact CSV file was expected", reason(err))
}

func fields(n int) string {
	if n == 1 {
		return "1 field"
	}
	return strconv.Itoa(n) + " fields"
}
