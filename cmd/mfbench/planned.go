package main

import (
	"time"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
)

// planned is a run that is planned.
type planned struct {
	run.Planner
	of  func() run.Planner // the same command with flags of its own, not set
	run bool               // and made
	b   *blas.Backend
}

// learning says what problems are measured, and how long. It is a variable for the
// tests.
var learning = struct {
	plan.Learning
	time time.Duration // of the iterations
	most int           // iterations
}{plan.Learning{OverCache: 4, Work: 3, Slow: 0.1}, 1500 * time.Millisecond, 20000}
