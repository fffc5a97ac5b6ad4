package backends_test

import (
	"strings"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/blas/testblas"
	"lowrank/kernel"
)

// TestBattery runs every test on every backend that is compiled in.
func TestBattery(t *testing.T) {
	for _, entry := range kernel.Backends() {
		if entry.HowToBuild != "" {
			continue
		}
		t.Run(entry.Name, func(t *testing.T) {
			b, err := blas.Open(entry.Name, 2)
			if err != nil {
				t.Fatal(err)
			}
			testblas.Run(t, b)
		})
	}
}

func TestOpen(t *testing.T) {
	t.Setenv("MF_BACKEND", "")
	if b, err := blas.Open("", 0); err != nil || b.Name != "native" {
		t.Errorf("Open picked %v, %v; want native", b, err)
	}
	t.Setenv("MF_BACKEND", "gonum")
	if b, err := blas.Open("", 1); err != nil || b.Name != "gonum" {
		t.Errorf("with MF_BACKEND=gonum Open picked %v, %v", b, err)
	}
	if b, err := blas.Open("native", 1); err != nil || b.Name != "native" {
		t.Errorf("a name must beat MF_BACKEND; got %v, %v", b, err)
	}
	t.Setenv("MF_BACKEND", "mkl")
	if _, err := blas.Open("", 1); err == nil || err.Error() != "MF_BACKEND=mkl is unknown; expected one of native, openblas, gonum" {
		t.Errorf("error is %v", err)
	}
	if _, err := blas.Open("mkl", 1); err == nil || err.Error() != "backend mkl is unknown; expected one of native, openblas, gonum" {
		t.Errorf("error is %v", err)
	}
	if _, err := blas.Open("native", -1); err == nil || !strings.Contains(err.Error(), "threads is -1") {
		t.Errorf("error is %v", err)
	}
}
