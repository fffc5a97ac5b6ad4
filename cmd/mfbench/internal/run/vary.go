package run

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// variedFlags are those that --vary takes.
var variedFlags = []string{"seed", "scale", "step"}

// mostRuns keeps a mistyped range from asking for all memory.
const mostRuns = 10000

// varied reads --vary into what each run has of its own, nothing without it. start is
// the flag, given or not, that names a file with the start.
func (f *Request) varied(start string) ([][]Setting, error) {
	if len(f.Vary) == 0 {
		return nil, nil
	}
	if f.Checkpoint.file != "" {
		return nil, Usagef("--checkpoint is for one run; --vary makes several")
	}
	all := [][]Setting{nil}
	var seen []string
	for _, text := range f.Vary {
		name, list, ok := strings.Cut(text, "=")
		if !ok || !slices.Contains(variedFlags, name) {
			return nil, Usagef("--vary is %q; expected seed=1:10, scale=0.5,0.1 or step=0.1,0.05", text)
		}
		if slices.Contains(seen, name) {
			return nil, Usagef("--vary names %s twice; expected one list", name)
		}
		seen = append(seen, name)
		if f.Given[name] {
			return nil, Usagef("--%s is given, and --vary %s too, on the command line or in the file of --config; expected one of the two", name, name)
		}
		if name != "step" && f.Cmd.Flags().Changed(start) {
			return nil, Usagef("--%s gives the start; --vary %s does not go with it", start, name)
		}
		if f.Cmd.Flags().Lookup(name) == nil {
			return nil, Usagef("--vary %s: %s has no such flag", name, f.Cmd.CommandPath())
		}
		values, err := variedValues(name, list)
		if err != nil {
			return nil, err
		}
		if len(all)*len(values) > mostRuns {
			return nil, Usagef("--vary asks for %d runs; expected at most %d", len(all)*len(values), mostRuns)
		}
		var next [][]Setting
		for _, before := range all {
			for _, v := range values {
				next = append(next, append(slices.Clone(before), Setting{name, v}))
			}
		}
		all = next
	}
	return all, nil
}

// variedValues are the values of a list, or of a range of seeds.
func variedValues(name, list string) ([]string, error) {
	first, last, isRange := strings.Cut(list, ":")
	if name == "seed" && isRange {
		lo, err1 := strconv.ParseUint(first, 10, 63)
		hi, err2 := strconv.ParseUint(last, 10, 63)
		switch {
		case err1 != nil || err2 != nil:
			return nil, Usagef("--vary seed=%s: expected a range as 1:10, or a list as 1,2,5", list)
		case hi < lo:
			return nil, Usagef("--vary seed=%s: the range ends before it begins", list)
		case hi-lo >= mostRuns:
			return nil, Usagef("--vary seed=%s: expected at most %d seeds", list, mostRuns)
		}
		var values []string
		for s := lo; s <= hi; s++ {
			values = append(values, strconv.FormatUint(s, 10))
		}
		return values, nil
	}
	values := strings.Split(list, ",")
	for i, text := range values {
		values[i] = strings.TrimSpace(text)
		if name == "seed" {
			if _, err := strconv.ParseUint(values[i], 10, 63); err != nil {
				return nil, Usagef("--vary seed has %q; expected whole numbers of at least 0", text)
			}
			continue
		}
		if name == "step" && values[i] == autoStep {
			continue
		}
		if v, err := strconv.ParseFloat(values[i], 64); err != nil || !(v > 0) || math.IsInf(v, 0) {
			return nil, Usagef("--vary %s has %q; expected positive numbers%s", name, text, map[bool]string{true: ", or auto"}[name == "step"])
		}
	}
	return values, nil
}
