package kernel

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// isa lists the rows by name, best first, with the processors that run them.
var isa = []struct {
	name string
	runs func(CPU) bool
}{
	{"avx512", func(c CPU) bool { return c.Arch == "amd64" && c.AVX512 && c.AVX2FMA }},
	{"avx2", func(c CPU) bool { return c.Arch == "amd64" && c.AVX2FMA }},
	{"neon", func(c CPU) bool { return c.Arch == "arm64" && c.NEON }},
	{"generic", func(CPU) bool { return true }},
}

// compiled holds the rows of this build by name. The file of a row in assembly
// adds its own.
var compiled = map[string]Row{genericRow.Name: genericRow}

// Runnable lists the rows that processor c can run, best first, whether this
// build has kernels for them or not.
func Runnable(c CPU) []string {
	var names []string
	for _, r := range isa {
		if r.runs(c) {
			names = append(names, r.name)
		}
	}
	return names
}

// Compiled lists the rows that this build has kernels for, best first.
func Compiled() []string {
	var names []string
	for _, r := range isa {
		if _, ok := compiled[r.name]; ok {
			names = append(names, r.name)
		}
	}
	return names
}

// Choose returns the best compiled row that processor c runs, or the row named
// by force when that is not empty. It is an error to force a row that does not
// exist, is not compiled in or does not run on c.
func Choose(c CPU, force string) (Row, error) {
	have := func() string { return strings.Join(Compiled(), ", ") }
	for _, r := range isa {
		if force != "" && r.name != force {
			continue
		}
		row, ok := compiled[r.name]
		switch {
		case ok && r.runs(c):
			return row, nil
		case force == "":
		case !ok:
			return Row{}, fmt.Errorf("MF_KERNEL=%s: this build has no %s kernels; it has %s", force, force, have())
		default:
			return Row{}, fmt.Errorf("MF_KERNEL=%s: this processor does not run %s; it runs %s", force, force, strings.Join(Runnable(c), ", "))
		}
	}
	return Row{}, fmt.Errorf("MF_KERNEL=%q: unknown row; expected one of %s", force, have())
}

// Active is the row of this process: MF_KERNEL, or the best there is. It is
// chosen once. With an MF_KERNEL that cannot be had it is the generic row and
// the error says why; commands report the error, libraries go on.
var Active = sync.OnceValues(func() (Row, error) {
	row, err := Choose(Detect(), os.Getenv("MF_KERNEL"))
	if err != nil {
		return genericRow, err
	}
	return row, nil
})
