package run

import (
	"bytes"
	"math"
	"testing"
)

// Numbers that JSON does not have must not cost a run its result, wherever
// they stand.
func TestPrintJSON(t *testing.T) {
	var out bytes.Buffer
	err := PrintJSON(&out, map[string]any{
		"a": math.NaN(), "b": []float64{1, math.Inf(1)}, "c": []map[string]any{{"d": math.Inf(-1), "e": "x"}}, "f": 2.5,
	})
	if want := `{"a":null,"b":[1,null],"c":[{"d":null,"e":"x"}],"f":2.5}` + "\n"; err != nil || out.String() != want {
		t.Errorf("%s, %v; want %s", out.String(), err, want)
	}
}
