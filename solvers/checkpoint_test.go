package solvers

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.cp")
	if c, note, err := ReadCheckpoint(path, "a"); c != nil || note != "" || err != nil {
		t.Errorf("no file: %v, %q, %v", c, note, err)
	}
	for i := range 3 {
		c := &Checkpoint{Fingerprint: "a", Iteration: i, Time: time.Second, State: []byte{1, 2, byte(i)}, Rows: [][]float64{{1, 2}}}
		if err := c.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, note, err := ReadCheckpoint(path, "a")
	if err != nil || note != "" || c.Iteration != 2 || !bytes.Equal(c.State, []byte{1, 2, 2}) || c.Time != time.Second || c.Rows[0][1] != 2 {
		t.Fatalf("%+v, %q, %v", c, note, err)
	}
	if _, _, err := ReadCheckpoint(path, "b"); err == nil || !strings.Contains(err.Error(), "belongs to another run") {
		t.Errorf("a foreign checkpoint gives %v", err)
	}
	// Every kind of damage, and a kill between the renames, falls back on the
	// previous file.
	for name, damage := range map[string]func() error{
		"missing":   func() error { return os.Remove(path) },
		"truncated": func() error { return os.WriteFile(path, whole[:len(whole)-1], 0o644) },
		"empty":     func() error { return os.WriteFile(path, nil, 0o644) },
		"flipped":   func() error { b := bytes.Clone(whole); b[len(b)/2] ^= 1; return os.WriteFile(path, b, 0o644) },
		"other":     func() error { return os.WriteFile(path, []byte("hello"), 0o644) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		c, note, err := ReadCheckpoint(path, "a")
		if err != nil || c.Iteration != 1 || !strings.Contains(note, "going on from") || strings.Contains(note, "\n") {
			t.Errorf("%s: %+v, %q, %v", name, c, note, err)
		}
	}
	if err := os.Remove(path + ".previous"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:100], 0o644); err != nil {
		t.Fatal(err)
	}
	if c, _, err := ReadCheckpoint(path, "a"); err == nil {
		t.Errorf("a damaged checkpoint without a previous one gives %+v", c)
	}
}
