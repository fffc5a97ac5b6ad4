package problem_test

import (
	"path/filepath"
	"testing"

	"lowrank/data/matio"
	"lowrank/data/problem"
)

// TestSampleOfOneElement: a matrix of zeros has no σ_1, which starts need.
func TestSampleOfOneElement(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.mtx")
	if err := problem.WriteSamplePlaces(path, 7, 5, 1, true); err != nil {
		t.Fatal(err)
	}
	a, err := matio.ReadMTX(path)
	if err != nil || a.Rows != 7 || a.Cols != 5 || len(a.Value) != 1 || a.Value[0] == 0 {
		t.Errorf("the sample is %+v (%v)", a, err)
	}
}
