package paper

import (
	"testing"
)

// TestMethods makes a small study, and one whose tolerance is too coarse for its
// verdict.
func TestMethods(t *testing.T) {
	rep := made(t, symmetricMethods, true, func(c *symmetricMethodsConfig) { c.D, c.Iterations, c.Every = 300, 600, 20 })
	for _, v := range rep.Verdicts {
		if !v.Pass {
			t.Errorf("%s", v)
		}
	}
	table := rep.Tables[0]
	if got := len(table.Rows); got != 31 {
		t.Errorf("%d rows; want 31", got)
	}
	passes := table.column("passes")
	for i, n := range passes[1:] {
		if n < passes[i] || n > 40 {
			t.Errorf("passes %v", passes)
			break
		}
	}
	coarse := made(t, symmetricMethods, true, func(c *symmetricMethodsConfig) {
		c.D, c.Iterations, c.Every, c.Tolerance = 300, 600, 20, 1e-6
	})
	if a, b := passes[30], coarse.Tables[0].column("passes")[30]; !(b < a) {
		t.Errorf("%g passes with tolerance 1e-6, %g with 1e-12", b, a)
	}
}

func TestMethodsConfig(t *testing.T) {
	for name, set := range map[string]func(*symmetricMethodsConfig){
		"d":         func(c *symmetricMethodsConfig) { c.D = 10 },
		"tolerance": func(c *symmetricMethodsConfig) { c.Tolerance = 0 },
		"every":     func(c *symmetricMethodsConfig) { c.Every = 0 },
		"step":      func(c *symmetricMethodsConfig) { c.Step = 0 },
	} {
		c := &symmetricMethodsConfig{D: 300, R: 2, Scale: 0.5, Step: 0.1, Iterations: 10, Tolerance: 1e-12, Every: 10}
		if err := c.check(); err != nil {
			t.Fatal(err)
		}
		if set(c); c.check() == nil {
			t.Errorf("a wrong %s is taken", name)
		}
	}
}
