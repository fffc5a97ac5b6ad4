package run

import (
	"math"
	"strconv"
	"strings"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
)

// CheckRun validates these flags. steps are the steps that have a name.
func (f *Request) CheckRun(steps ...string) error {
	switch {
	case f.Iters < 0:
		return Usagef("--iters is %d; expected at least 0", f.Iters)
	case !(f.Tol >= 0) || math.IsInf(f.Tol, 0):
		return Usagef("--tol is %g; expected a number of at least 0", f.Tol)
	case f.Every < 1:
		return Usagef("--every is %d; expected at least 1", f.Every)
	}
	if err := f.Checkpoint.check(); err != nil {
		return err
	}
	steps = append(steps, autoStep)
	expected := strings.Join(append([]string{"a positive number"}, steps...), ", or ")
	f.StepValue = 0
	if f.Step == "" {
		return Usagef("--step is missing; expected %s", expected)
	}
	for _, name := range steps {
		if f.Step == name {
			return nil
		}
	}
	v, err := strconv.ParseFloat(f.Step, 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) {
		return Usagef("--step is %q; expected %s", f.Step, expected)
	}
	f.StepValue = v
	check := CheckStep[float64]
	if f.Dtype == "f32" {
		check = CheckStep[float32]
	}
	return check(v, f.Dtype)
}

// CheckRank validates --rank; what says what it is the number of.
func (f *Request) CheckRank(what string) error {
	switch {
	case !f.Cmd.Flags().Changed("rank"):
		return Usagef("--rank is missing; expected %s", what)
	case f.Rank < 1:
		return Usagef("--rank is %d; expected at least 1", f.Rank)
	}
	return nil
}

// CheckScale validates --scale, where it was given.
func (f *Request) CheckScale(scale float64, zeroToo bool) error {
	if f.Cmd.Flags().Changed("scale") && (!(scale >= 0) || math.IsInf(scale, 0) || scale == 0 && !zeroToo) {
		return Usagef("--scale is %g; expected a positive number", scale)
	}
	return nil
}

// CheckStep refuses a step that the element type does not hold.
func CheckStep[T blas.Float](eta float64, dtype string) error {
	if T(eta) == 0 || math.IsInf(float64(T(eta)), 0) {
		return Usagef("--step is %g; as %s that is %g", eta, dtype, float64(T(eta)))
	}
	return nil
}

// CheckHeld refuses blocks of numbers that a T does not hold.
func CheckHeld[T blas.Float](what string, blocks ...blas.General[float64]) error {
	for _, m := range blocks {
		if err := problem.CheckHeld[T](what, solvers.Largest(m.Data)); err != nil {
			return err
		}
	}
	return nil
}

// Named refuses flags that name a file and are empty.
func (f *Request) Named(names ...string) error {
	for _, name := range append(names, "trace", "checkpoint", "out") {
		if f.Cmd.Flags().Changed(name) && f.Cmd.Flags().Lookup(name).Value.String() == "" {
			return Usagef("--%s is empty; expected a name", name)
		}
	}
	return nil
}

// OneOf refuses none and more than one of the flags that give the same thing.
func (f *Request) OneOf(what string, names ...string) error {
	var given, all []string
	for _, name := range names {
		all = append(all, "--"+name)
		if f.Cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	if len(given) == 1 {
		return nil
	}
	got := "none"
	if len(given) > 1 {
		got = strings.Join(given, " and ")
	}
	last := len(all) - 1
	return Usagef("%s comes from exactly one of %s and %s; got %s", what, strings.Join(all[:last], ", "), all[last], got)
}

// AnyChanged reports the first of the flags that was given.
func (f *Request) AnyChanged(names ...string) (string, bool) {
	for _, name := range names {
		if f.Cmd.Flags().Changed(name) {
			return name, true
		}
	}
	return "", false
}
