package problem

import (
	"fmt"
	"slices"
	"strings"
)

// Spectrum returns the d eigenvalues of a problem, largest first.
type Spectrum func(d int) []float64

// spectra by name, with a line of help.
var spectra = []struct {
	name, help string
	make       Spectrum
}{
	{"fig1", "1, 0.5, then evenly from 0.3 to 0", Figure1Spectrum},
	{"even", "evenly from 1 to 0", func(d int) []float64 { return Arithmetic(d, 1, 0) }},
	{"harmonic", "1, 1/2, 1/3, …, 1/d", func(d int) []float64 {
		l := make([]float64, d)
		for i := range l {
			l[i] = 1 / float64(i+1)
		}
		return l
	}},
	{"indefinite", "1, 0.98, 0.96, then evenly from 0.9 to −0.5", func(d int) []float64 {
		return append([]float64{1, 0.98, 0.96}, Arithmetic(max(d-3, 0), 0.9, -0.5)...)[:d]
	}},
}

// Figure1Spectrum is that of Figure 1 of the symmetric paper: diag(1, 0.5, e)
// with e an arithmetic sequence from 0.3 down to 0.
func Figure1Spectrum(d int) []float64 {
	return append([]float64{1, 0.5}, Arithmetic(max(d-2, 0), 0.3, 0)...)[:d]
}

// Arithmetic returns n numbers evenly spaced from first to last.
func Arithmetic(n int, first, last float64) []float64 {
	l := make([]float64, n)
	for i := range l {
		l[i] = first
		if n > 1 {
			l[i] += (last - first) * float64(i) / float64(n-1)
		}
	}
	return l
}

// SpectrumNamed finds a spectrum by name.
func SpectrumNamed(name string) (Spectrum, error) {
	for _, s := range spectra {
		if s.name == name {
			return s.make, nil
		}
	}
	return nil, fmt.Errorf("unknown spectrum %q; expected one of %s", name, strings.Join(SpectrumNames(), ", "))
}

// SpectrumNames lists the names.
func SpectrumNames() []string {
	var names []string
	for _, s := range spectra {
		names = append(names, s.name)
	}
	return slices.Clip(names)
}

// SpectrumHelp describes the spectra, one a line.
func SpectrumHelp() string {
	var b strings.Builder
	for _, s := range spectra {
		fmt.Fprintf(&b, "  %-12s %s\n", s.name, s.help)
	}
	return b.String()
}
