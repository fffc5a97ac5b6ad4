package main

import "lowrank/bench/plan"

// insteadOfRuns are the ways of a run of any system to take less memory.
func (f *runFlags) insteadOfRuns(s plan.Shape, c plan.Common, with func(c plan.Common) plan.Shape) []plan.Instead {
	var ways []plan.Instead
	if c.Runs > 1 {
		fewer := c
		ways = append(ways, plan.Instead{Text: "--vary of at most %d runs", Below: c.Runs, Largest: func(n int) plan.Shape {
			fewer.Runs = n
			return with(fewer)
		}})
	}
	if size := s.Size(); size.Trace > size.Data+size.Run {
		fewer := c
		ways = append(ways, plan.Instead{Text: "--every of at least %d", Above: f.every, Most: max(f.iters, f.every), Smallest: func(n int) plan.Shape {
			fewer.Rows = plan.Rows(f.iters, n)
			return with(fewer)
		}})
	}
	return ways
}

// stepIn32 reports whether f32 holds the step, where it is a number.
func (f *runFlags) stepIn32() bool {
	return f.stepValue == 0 || checkStep[float32](f.stepValue, "f32") == nil
}
