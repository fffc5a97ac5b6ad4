package testsolvers

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"lowrank/blas"
	"lowrank/kernel"
	"lowrank/solvers"
)

// Open opens a backend.
func Open(t testing.TB, name string, threads int) *blas.Backend {
	t.Helper()
	b, err := blas.Open(name, threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Backends are the names of those that this binary has.
func Backends() []string {
	var names []string
	for _, b := range kernel.Backends() {
		if b.HowToBuild == "" {
			names = append(names, b.Name)
		}
	}
	return names
}

// Advance makes steps, none of which may fail.
func Advance(t testing.TB, m solvers.Method, steps int) {
	t.Helper()
	for range steps {
		if err := m.Step(); err != nil {
			t.Fatal(err)
		}
	}
}

// Normal is a matrix of normal entries.
func Normal(rnd *rand.Rand, rows, cols int, deviation float64) blas.General[float64] {
	a := blas.NewGeneral[float64](rows, cols)
	for i := range a.Data {
		a.Data[i] = deviation * rnd.NormFloat64()
	}
	return a
}

// Transposed is aᵀ.
func Transposed(a blas.General[float64]) blas.General[float64] {
	c := blas.NewGeneral[float64](a.Cols, a.Rows)
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			c.Row(j)[i] = v
		}
	}
	return c
}

// Times is a·b with plain loops.
func Times(a, b blas.General[float64]) blas.General[float64] {
	c := blas.NewGeneral[float64](a.Rows, b.Cols)
	for i := range a.Rows {
		for j := range b.Cols {
			for l := range a.Cols {
				c.Row(i)[j] += a.Row(i)[l] * b.Row(l)[j]
			}
		}
	}
	return c
}

// Less is x − by·g.
func Less(x, g blas.General[float64], by float64) blas.General[float64] {
	next := x.Clone()
	for i, v := range g.Data {
		next.Data[i] -= by * v
	}
	return next
}

// Norm is the Frobenius norm of blocks together.
func Norm(all ...blas.General[float64]) float64 {
	var sum float64
	for _, m := range all {
		for _, v := range m.Data {
			sum += v * v
		}
	}
	return math.Sqrt(sum)
}

// Compare tests that ‖got − want‖ is at most tolerance·‖want‖.
func Compare(t testing.TB, name string, got, want blas.General[float64], tolerance float64) {
	t.Helper()
	if got.Rows != want.Rows || got.Cols != want.Cols {
		t.Fatalf("%s is %d×%d, want %d×%d", name, got.Rows, got.Cols, want.Rows, want.Cols)
	}
	if d := Norm(Less(got, want, 1)); !(d <= tolerance*Norm(want)) {
		t.Errorf("%s: relative difference %v", name, d/Norm(want))
	}
}

// Near tests that |got − want| is at most tolerance·|want|.
func Near(t testing.TB, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s is %.17g, want %.17g", name, got, want)
	}
}

// Panics tests that each of the functions panics.
func Panics(t *testing.T, all map[string]func()) {
	t.Helper()
	for name, f := range all {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a bad %s does not panic", name)
				}
			}()
			f()
		}()
	}
}

// Elements counts those of all slices of numbers that a solver holds, not those behind
// interfaces.
func Elements(solver any) int { return elements(reflect.ValueOf(solver).Elem()) }

func elements(v reflect.Value) (count int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			count += elements(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Float64 {
			return v.Len()
		}
		for i := range v.Len() {
			count += elements(v.Index(i))
		}
	}
	return count
}
