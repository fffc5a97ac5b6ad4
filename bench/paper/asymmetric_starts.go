package paper

import (
	"fmt"
	"slices"
	"strings"

	"lowrank/bench/figure"
)

// asymmetricStarts are the starts of section 6 as they are drawn.
var asymmetricStarts = []struct {
	name, label string
	color       int
	dash        figure.Dash
	marker      figure.Marker
}{
	{"proposed", "proposed", 0, figure.Solid, figure.Dot},
	{"colspan", "ColSpan(A)", 2, figure.Solid, figure.Triangle},
	{"random", "random", 1, figure.Solid, figure.Square},
	{"random-asym", "random, asymmetric", 6, figure.Solid, figure.Diamond},
}

func asymmetricStartNames() []string {
	var names []string
	for _, s := range asymmetricStarts {
		names = append(names, s.name)
	}
	return names
}

// asymmetricStartNamed checks the name of a start.
func asymmetricStartNamed(name, start string) error {
	known := asymmetricStartNames()
	if !slices.Contains(known, start) {
		return fmt.Errorf("%s is %q; expected one of %s", name, start, strings.Join(known, ", "))
	}
	return nil
}

func asymmetricStartsCheck(starts []string) error {
	if err := eachOf("starts", starts, asymmetricStartNamed); err != nil {
		return err
	}
	if slices.Contains(starts, "proposed") {
		return nil
	}
	return fmt.Errorf("starts are %s; expected proposed among them", strings.Join(starts, ", "))
}

// asymmetricStartsCaption says which starts are drawn.
func asymmetricStartsCaption(starts []string, c, nu float64) string {
	formulas := map[string]string{
		"proposed":    fmt.Sprintf("proposed X₀ = AΦ/(√η√d·Cσ₁), Y₀ = √η·Dσ₁Φ/√n with C = %g, D = Cν/9, ν = %g", c, nu),
		"colspan":     "ColSpan(A) X₀ = AΦ/(10√d), Y₀ = Φ/(10√n)",
		"random":      "random X₀ = Φ/(10√m), Y₀ = Φ/(10√n)",
		"random-asym": "random, asymmetric: the same X₀ over √η and Y₀ times √η",
	}
	var parts []string
	for _, s := range asymmetricStarts {
		if slices.Contains(starts, s.name) {
			parts = append(parts, formulas[s.name])
		}
	}
	return "Starts, Φ standard normal and another one at each place: " + strings.Join(parts, "; ") + "."
}
