package main

import (
	"encoding/json"
	"io"
	"runtime"

	"lowrank/blas"
	_ "lowrank/blas/native"
	"lowrank/kernel"
)

// done is what the workload says of itself on stdout.
type done struct {
	Row   string
	Go    string // version that built it
	Tasks []task // in the order in which they ran
}

// workload runs every task of the active row: once for what is made on the first
// call, then between begin and end.
func workload(stdout io.Writer) error {
	row, err := kernel.Active()
	if err != nil {
		return err
	}
	b, err := blas.Open("native", 1)
	if err != nil {
		return err
	}
	d := done{row.Name, runtime.Version(), append(kernelTasks(row), passTasks(b, row)...)}
	for _, t := range d.Tasks {
		t.run()
		begin()
		t.run()
		end()
	}
	return json.NewEncoder(stdout).Encode(d)
}

// Calls of begin and end bound what is counted: callgrind knows them by name, starts
// again from zero at the one and writes a part of its profile at the other.

//go:noinline
func begin() {}

//go:noinline
func end() {}
