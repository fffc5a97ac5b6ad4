package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// number is a float64 in JSON: the digits that a CSV file has, null for NaN,
// "inf" and "-inf" for the infinities.
type number float64

// numbers is an array of them.
type numbers []float64

// appendNumber writes what package matio writes to a CSV file, but for NaN and
// the infinities.
func appendNumber(b []byte, x float64) []byte {
	switch {
	case math.IsNaN(x):
		return append(b, "null"...)
	case math.IsInf(x, 1):
		return append(b, `"inf"`...)
	case math.IsInf(x, -1):
		return append(b, `"-inf"`...)
	case x == math.Trunc(x) && math.Abs(x) < 1e15:
		return strconv.AppendFloat(b, x, 'f', -1, 64)
	}
	return strconv.AppendFloat(b, x, 'g', -1, 64)
}

func parseNumber(token []byte) (float64, error) {
	switch string(token) {
	case "null":
		return math.NaN(), nil
	case `"inf"`:
		return math.Inf(1), nil
	case `"-inf"`:
		return math.Inf(-1), nil
	}
	x, err := strconv.ParseFloat(string(token), 64)
	if err != nil {
		return 0, fmt.Errorf("%.40s stands for no number", token)
	}
	return x, nil
}

func (x number) MarshalJSON() ([]byte, error) { return appendNumber(nil, float64(x)), nil }

func (x *number) UnmarshalJSON(b []byte) error {
	v, err := parseNumber(b)
	*x = number(v)
	return err
}

func (v numbers) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 8+12*len(v)), '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(b, x)
	}
	return append(b, ']'), nil
}

// UnmarshalJSON may rely on b being valid JSON.
func (v *numbers) UnmarshalJSON(b []byte) error {
	if len(b) < 2 || b[0] != '[' {
		return fmt.Errorf("%.40s stands for no array of numbers", b)
	}
	inner := b[1 : len(b)-1]
	*v = make(numbers, 0, bytes.Count(inner, []byte(","))+1)
	if len(bytes.TrimSpace(inner)) == 0 {
		return nil
	}
	for token := range bytes.SplitSeq(inner, []byte(",")) {
		x, err := parseNumber(bytes.TrimSpace(token))
		if err != nil {
			return err
		}
		*v = append(*v, x)
	}
	return nil
}

var (
	_ json.Unmarshaler = (*number)(nil)
	_ json.Unmarshaler = (*numbers)(nil)
)
