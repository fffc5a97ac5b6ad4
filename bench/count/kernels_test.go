package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"lowrank/blas"
	"lowrank/kernel"
)

// rowNamed is a row of this build, whether this processor runs it or not.
func rowNamed(t *testing.T, name string) kernel.Row {
	t.Helper()
	row, err := kernel.Choose(kernel.CPU{Arch: runtime.GOARCH, AVX2FMA: true, AVX512: true, NEON: true}, name)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// Every function of a row is counted by one task, and every task calls one function.
func TestKernelTasksCoverTheRow(t *testing.T) {
	for _, name := range kernel.Compiled() {
		t.Run(name, func(t *testing.T) {
			row := rowNamed(t, name)
			calls := map[string]int{}
			var last []string
			replaceFunctions(reflect.ValueOf(&row).Elem(), "", func(path string) {
				calls[path]++
				last = append(last, path)
			}, calls)
			labels := map[label]bool{}
			for _, task := range kernelTasks(row) {
				if labels[task.label] {
					t.Errorf("%v is the label of two tasks", task.label)
				}
				labels[task.label] = true
				last = nil
				task.run()
				if len(last) != 1 {
					t.Errorf("%v calls %q; want one kernel", task.label, last)
				}
				if !task.Kernel || task.Units <= 0 {
					t.Errorf("%+v is no kernel with units of work", task)
				}
			}
			for path, n := range calls {
				if n != 1 {
					t.Errorf("%s is counted by %d tasks, want 1", path, n)
				}
			}
			if len(calls) < 100 {
				t.Errorf("the row has %d functions; they were not found", len(calls))
			}
		})
	}
}

// replaceFunctions puts a function that reports its path in place of every one in v,
// and enters the path in calls.
func replaceFunctions(v reflect.Value, path string, called func(path string), calls map[string]int) {
	switch v.Kind() {
	case reflect.Func:
		calls[path] = 0
		f := v.Type()
		v.Set(reflect.MakeFunc(f, func([]reflect.Value) []reflect.Value {
			called(path)
			var out []reflect.Value
			for i := range f.NumOut() {
				out = append(out, reflect.Zero(f.Out(i)))
			}
			return out
		}))
	case reflect.Struct:
		for i := range v.NumField() {
			replaceFunctions(v.Field(i), path+"."+v.Type().Field(i).Name, called, calls)
		}
	case reflect.Slice: // shared with the row itself
		v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			replaceFunctions(v.Index(i), fmt.Sprintf("%s[%d]", path, i), called, calls)
		}
	}
}

// The generic kernels check the bounds of their operands.
func TestOperandsAreLargeEnough(t *testing.T) {
	for _, task := range kernelTasks(rowNamed(t, "generic")) {
		task.run()
	}
}

func TestWorkload(t *testing.T) {
	var out bytes.Buffer
	if err := workload(&out); err != nil {
		t.Fatal(err)
	}
	var d done
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	row, _ := kernel.Active()
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	want := append(kernelTasks(row), passTasks(b, row)...)
	if d.Row != row.Name || len(d.Tasks) != len(want) {
		t.Fatalf("%d tasks of row %s, want %d of %s", len(d.Tasks), d.Row, len(want), row.Name)
	}
	labels := map[label]bool{}
	for i, got := range d.Tasks {
		if got.label != want[i].label || got.Units != want[i].Units || got.Kernel != want[i].Kernel {
			t.Errorf("task %d is %+v, want %+v", i, got, want[i])
		}
		if labels[got.label] {
			t.Errorf("%v is the label of two tasks", got.label)
		}
		labels[got.label] = true
	}
}
