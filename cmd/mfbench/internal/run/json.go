package run

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// PrintJSON prints one object on one line. Numbers that JSON does not have
// become null.
func PrintJSON(w io.Writer, object map[string]any) error {
	line, err := json.Marshal(FiniteOnly(object))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}

func FiniteOnly(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case []float64:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = FiniteOnly(x)
		}
		return list
	case []map[string]any:
		list := make([]any, len(v))
		for i, m := range v {
			list[i] = FiniteOnly(m)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for k, x := range v {
			object[k] = FiniteOnly(x)
		}
		return object
	}
	return v
}
