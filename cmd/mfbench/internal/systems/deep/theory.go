package deep

import (
	"fmt"
	"strconv"
	"strings"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/deep"
)

// parseWindows reads --window.
func (f *Flags) parseWindows() error {
	f.windows = nil
	if f.window == "" {
		return nil
	}
	for _, text := range strings.Split(f.window, ";") {
		fields := strings.Split(text, ",")
		if len(fields) != 3 {
			return run.Usagef("--window has %q; expected three numbers, L,ε,ε'", text)
		}
		rank, err := strconv.Atoi(strings.TrimSpace(fields[0]))
		w := deep.RankWindow{L: rank}
		if err == nil {
			w.Eps, err = strconv.ParseFloat(strings.TrimSpace(fields[1]), 64)
		}
		if err == nil {
			w.EpsPrime, err = strconv.ParseFloat(strings.TrimSpace(fields[2]), 64)
		}
		if err != nil || rank < 1 || !(w.Eps > 0 && w.Eps < 1) || !(w.EpsPrime > 0 && w.EpsPrime < 1) {
			return run.Usagef("--window has %q; expected a rank of at least 1 and two numbers between 0 and 1", text)
		}
		f.windows = append(f.windows, w)
	}
	return nil
}

// deepTheory prepares the checks of the paper's claims.
func deepTheory(f *Flags, way deepRun, target blas.General[float64]) (*deep.Theory, *deep.Basis, error) {
	if f.width != target.Rows {
		return nil, nil, run.Usagef("--theory needs square factors; --width is %d and Ŵ of order %d", f.width, target.Rows)
	}
	basis := way.basis
	if basis == nil {
		var err error
		if basis, err = deep.NewBasis(target); err != nil {
			return nil, nil, fmt.Errorf("--theory: %w", err)
		}
	}
	for _, w := range f.windows {
		if w.L > target.Rows {
			return nil, nil, run.Usagef("--window has the rank %d; Ŵ has order %d", w.L, target.Rows)
		}
	}
	return deep.NewTheory(way.iterates, f.startKind(), basis, deep.TheoryOptions{Windows: f.windows}), basis, nil
}
