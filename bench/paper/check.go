package paper

import (
	"fmt"
	"math"
)

// firstOf returns the first error of a configuration.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func positive(name string, v float64) error {
	if !(v > 0) || math.IsInf(v, 0) {
		return fmt.Errorf("%s is %g; expected a positive number", name, v)
	}
	return nil
}

func atLeast(name string, v, least int) error {
	if v < least {
		return fmt.Errorf("%s is %d; expected at least %d", name, v, least)
	}
	return nil
}

func fromTo(name string, v, least, most int) error {
	if v < least || v > most {
		return fmt.Errorf("%s is %d; expected %d to %d", name, v, least, most)
	}
	return nil
}

// mostSeeds keeps a mistyped number of random starts from asking for all memory, or for
// years.
const mostSeeds = 10_000

// eachOf checks all values of a list, which must not be empty.
func eachOf[T any](name string, values []T, check func(name string, v T) error) error {
	if len(values) == 0 {
		return fmt.Errorf("%s is empty; expected at least one value", name)
	}
	for i, v := range values {
		if err := check(fmt.Sprintf("%s[%d]", name, i), v); err != nil {
			return err
		}
	}
	return nil
}

func least(n int) func(name string, v int) error {
	return func(name string, v int) error { return atLeast(name, v, n) }
}
