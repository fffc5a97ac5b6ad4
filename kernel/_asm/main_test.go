package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestFilesAreGenerated: the committed assembly is what this program writes.
func TestFilesAreGenerated(t *testing.T) {
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	const remedy = "run go run . in kernel/_asm"
	for name, want := range files {
		switch got, err := os.ReadFile(filepath.Join("..", name)); {
		case err != nil:
			t.Errorf("%v; %s", err, remedy)
		case !bytes.Equal(got, want):
			t.Errorf("%s differs in line %d; %s", name, firstDifference(got, want), remedy)
		}
	}

	// Nothing is left from an earlier version of it.
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join("..", entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := files[entry.Name()]; !ok && bytes.HasPrefix(text, []byte("// Code generated")) {
			t.Errorf("%s is a generated file that this program does not write; delete it", entry.Name())
		}
	}
}

// TestRegisters: the registers from 16 on would make AVX-512 of an instruction
// in a file for AVX2, without a word from the assembler.
func TestRegisters(t *testing.T) {
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`\b([XY](1[6-9]|2\d|3[01])|Z\d+)\b`).Find(files["avx2_amd64.s"]); m != nil {
		t.Errorf("avx2_amd64.s uses register %s", m)
	}
}

// firstDifference returns the number of the first line that is not the same.
func firstDifference(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return 1 + bytes.Count(a[:n], []byte("\n"))
}
