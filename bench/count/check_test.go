package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSaveFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "counts.txt")
	if _, err := readFile(path); err == nil || !strings.Contains(err.Error(), "make count-save writes it") {
		t.Errorf("reading no file: %v", err)
	}
	counts := []count{one("Dot", 2, ""), one("step", 3, "go1.26")}
	var stdout, stderr bytes.Buffer
	if err := saveFile(path, counts, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	got, err := readFile(path)
	if err != nil || !slices.Equal(got, counts) {
		t.Errorf("%v, error %v; want %v", got, err, counts)
	}
	if data, _ := os.ReadFile(path); string(data) != stdout.String() {
		t.Errorf("stdout is %q, the file %q", stdout.String(), data)
	}
	if err := os.WriteFile(path, []byte("one column\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readFile(path); err == nil || !strings.Contains(err.Error(), path+": line 1 has 1 columns") {
		t.Errorf("reading a broken file: %v", err)
	}
}
