package problem

import (
	"path/filepath"
	"strings"
	"testing"

	"lowrank/data/matio"
)

func TestArraysOfNPZ(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one.npz"), filepath.Join(dir, "two.npz")
	u := matio.NewMember([]int{2, 1}, []float64{3, 4})
	v := matio.NewMember([]int{2}, []float32{1, 2})
	if err := matio.WriteNPZ(one, map[string]matio.Member{"u": u}); err != nil {
		t.Fatal(err)
	}
	if err := matio.WriteNPZ(two, map[string]matio.Member{"u": u, "v": v}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{one, one + ":u", two + ":u"} {
		if m, err := ReadMatrix[float64](path); err != nil || m.Rows != 2 || m.Data[1] != 4 {
			t.Errorf("%s: %+v, %v", path, m, err)
		}
	}
	if x, err := ReadVector[float64](two + ":v"); err != nil || x[1] != 2 {
		t.Errorf("%v, %v", x, err)
	}
	for path, want := range map[string]string{
		two:                             "two.npz: the file has 2 arrays (u, v); say which as",
		two + ":w":                      "w",
		filepath.Join(dir, "three.npz"): "does not exist",
	} {
		if _, err := ReadMatrix[float64](path); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
