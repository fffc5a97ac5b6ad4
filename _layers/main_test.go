package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// write makes a module of one package from files and their contents.
func write(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	files["go.mod"] = "module m\n\ngo 1.26.0\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCircles(t *testing.T) {
	got := circles(map[string]map[string]bool{
		"a": {"b": true}, "b": {"c": true}, "c": {"a": true, "d": true},
		"d": {"e": true}, "e": {"d": true}, "f": {"a": true},
	})
	if want := [][]string{{"a", "b", "c"}, {"d", "e"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("circles are %v; expected %v", got, want)
	}
}

func TestCheck(t *testing.T) {
	files := map[string]string{
		"a.go": "package m\n\ntype T struct{ x int }\n\nfunc (t T) A() int { return t.B() }\n",
		"b.go": "package m\n\nfunc (t T) B() int { return c }\n",
		"c.go": "package m\n\nvar c = T{}.x\n",
	}
	dir := write(t, files)
	// a calls a method of b, b has T of a and c of c, c has T of a: a circle of three.
	if err := check(dir, []string{"./..."}, 3, nil); err != nil {
		t.Error(err)
	}
	if err := check(dir, []string{"./..."}, 2, nil); err == nil {
		t.Error("a circle of three files passes where at most two may be in one")
	}
	if err := check(dir, []string{"./..."}, 2, map[string]int{"m": 3}); err != nil {
		t.Errorf("with an exception: %v", err)
	}
	if err := check(dir, []string{"./..."}, 3, map[string]int{"m": 4}); err == nil || !strings.Contains(err.Error(), "not needed") {
		t.Errorf("an exception that nothing needs: %v", err)
	}
}

func TestExceptions(t *testing.T) {
	got, err := readExceptions("exceptions.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range got {
		if !strings.HasPrefix(name, "lowrank") || n < 2 {
			t.Errorf("exception %s %d", name, n)
		}
	}
	bad := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(bad, []byte("m 4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readExceptions(bad); err == nil {
		t.Error("an exception without a reason is taken")
	}
}
