package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// one is a count of a kernel by name.
func one(name string, each float64, compiler string) count {
	return count{key{"avx2", label{"f64", name, "n=4", "element"}}, each, compiler}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name              string
		saved, counted    []count
		wrong             []string
		compared, skipped int
		code              string // of the verdict: a part of its error, empty for none
	}{
		{name: "the same", saved: []count{one("Dot", 2, ""), one("step", 2, "go1.26")}, counted: []count{one("Dot", 2.019, ""), one("step", 1.981, "go1.26")}, compared: 2},
		{name: "more", saved: []count{one("Dot", 2, "")}, counted: []count{one("Dot", 2.0202, "")}, compared: 1,
			wrong: []string{"avx2 f64 Dot, n=4: 2.0202 instructions per element, 1.0 % more than 2.0000 in the file"}, code: "not those of the file: 1; where that is meant"},
		{name: "fewer", saved: []count{one("Dot", 2, "")}, counted: []count{one("Dot", 1.5, "")}, compared: 1,
			wrong: []string{"avx2 f64 Dot, n=4: 1.5000 instructions per element, 25.0 % fewer than 2.0000 in the file"}, code: "not those of the file: 1, better ones among them: 1; make count-save saves"},
		{name: "a pass of the same compiler", saved: []count{one("step", 2, "go1.26")}, counted: []count{one("step", 3, "go1.26")}, compared: 1,
			wrong: []string{"avx2 f64 step, n=4: 3.0000 instructions per element, 50.0 % more than 2.0000 in the file"}, code: "not those of the file"},
		{name: "another compiler", saved: []count{one("Dot", 2, ""), one("step", 2, "go1.26")}, counted: []count{one("Dot", 2, ""), one("step", 3, "go1.27")}, compared: 1, skipped: 1},
		{name: "nothing but another compiler", saved: []count{one("step", 2, "go1.26")}, counted: []count{one("step", 2, "go1.27")}, skipped: 1, code: "no number could be compared"},
		{name: "assembly now", saved: []count{one("Dot", 2, "go1.26")}, counted: []count{one("Dot", 1, "")}, compared: 1,
			wrong: []string{"avx2 f64 Dot, n=4: 1.0000 instructions per element, 50.0 % fewer than 2.0000 in the file"}, code: "make count-save"},
		{name: "lacking and left over", saved: []count{one("Old", 2, ""), one("Dot", 2, "")}, counted: []count{one("Dot", 2, ""), one("New", 2, "")}, compared: 1,
			wrong: []string{"avx2 f64 New, n=4: is counted and not in the file", "avx2 f64 Old, n=4: is in the file and not counted"}, code: "not those of the file: 2"},
		{name: "an empty file", counted: []count{one("Dot", 2, "")}, wrong: []string{"avx2 f64 Dot, n=4: is counted and not in the file"}, code: "not those of the file: 1"},
		{name: "nothing at all", code: "no number could be compared"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := compare(c.saved, c.counted)
			if !slices.Equal(got.Wrong, c.wrong) || got.Compared != c.compared || got.Skipped != c.skipped {
				t.Errorf("%+v; want %q, %d compared, %d skipped", got, c.wrong, c.compared, c.skipped)
			}
			var stderr bytes.Buffer
			err := verdict(got, &stderr)
			switch {
			case c.code == "" && err != nil:
				t.Errorf("the verdict is %v, want none", err)
			case c.code != "" && (err == nil || !strings.Contains(err.Error(), c.code)):
				t.Errorf("the verdict is %v, want %q", err, c.code)
			}
			for _, w := range c.wrong {
				if !strings.Contains(stderr.String(), w+"\n") {
					t.Errorf("stderr lacks %q:\n%s", w, stderr.String())
				}
			}
			if c.skipped > 0 && !strings.Contains(stderr.String(), "another release of Go, go1.26: 1 numbers") {
				t.Errorf("stderr does not say what was skipped:\n%s", stderr.String())
			}
		})
	}
}

func TestKeep(t *testing.T) {
	saved := []count{one("Dot", 2, ""), one("step", 2, "go1.26"), one("pass", 2, "go1.26"), one("other", 2, "go1.25"), one("gone", 1, "")}
	counted := []count{one("new", 7, ""), one("Dot", 2.003, ""), one("step", 2.001, "go1.26"), one("pass", 2.003, "go1.26"), one("other", 2.001, "go1.26")}
	want := []count{one("new", 7, ""), one("Dot", 2.003, ""), one("step", 2, "go1.26"), one("pass", 2.003, "go1.26"), one("other", 2.001, "go1.26")}
	if got := keep(saved, counted); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
