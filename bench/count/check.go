package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"lowrank/data/matio"
)

// rows are those that valgrind runs.
var rows = []string{"avx2", "generic"}

// check counts, prints, and compares or saves.
func check(ctx context.Context, save bool, stdout, stderr io.Writer) error {
	file, err := countsFile(ctx)
	if err != nil {
		return err
	}
	counts, err := countAll(ctx, stderr)
	if err != nil {
		return err
	}
	saved, err := readFile(file)
	if save {
		if err == nil { // else there is nothing to keep
			counts = keep(saved, counts)
		}
		return saveFile(file, counts, stdout, stderr)
	}
	if err != nil {
		return err
	}
	if err := writeTable(stdout, counts); err != nil {
		return err
	}
	return verdict(compare(saved, counts), stderr)
}

func readFile(path string) ([]count, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w; make count-save writes it", err)
	}
	counts, err := readTable(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return counts, nil
}

// saveFile writes the table to the file, and prints it.
func saveFile(path string, counts []count, stdout, stderr io.Writer) error {
	var table bytes.Buffer
	if err := writeTable(&table, counts); err != nil {
		return err
	}
	if err := matio.WriteFile(path, table.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%d numbers saved to %s\n", len(counts), path)
	_, err := stdout.Write(table.Bytes())
	return err
}

// countsFile is where the numbers are kept in the module that is being worked on.
func countsFile(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "lowrank/bench/count").Output()
	if err != nil {
		return "", fmt.Errorf("go list lowrank/bench/count: %w; expected to run inside the module lowrank, with go on PATH", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "counts.txt"), nil
}

// countAll counts the rows, each in a process of its own, at the same time: nothing
// that is counted depends on how fast it goes.
func countAll(ctx context.Context, stderr io.Writer) ([]count, error) {
	dir, err := os.MkdirTemp("", "count-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program, err := build(ctx, dir)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(stderr, "counting %s; valgrind has no AVX-512\n", strings.Join(rows, " and "))
	counts, errs := make([][]count, len(rows)), make([]error, len(rows))
	var all sync.WaitGroup
	for i, row := range rows {
		all.Go(func() {
			d, dumps, err := profileOf(ctx, program, row)
			if err == nil {
				counts[i], err = countsOf(d, dumps)
			}
			errs[i] = err
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(counts...), nil
}

// verdict prints what is wrong and fails when something is.
func verdict(c comparison, stderr io.Writer) error {
	for _, w := range c.Wrong {
		fmt.Fprintln(stderr, w)
	}
	if c.Skipped > 0 {
		fmt.Fprintf(stderr, "not compared, because they are of another release of Go, %s: %d numbers\n", c.Go, c.Skipped)
	}
	switch {
	case len(c.Wrong) == 0 && c.Compared == 0:
		return errors.New("no number could be compared")
	case len(c.Wrong) == 0:
		fmt.Fprintf(stderr, "%d numbers compared: those of the file, within %g %%\n", c.Compared, 100*tolerance)
		return nil
	case c.Fewer > 0:
		return fmt.Errorf("numbers that are not those of the file: %d, better ones among them: %d; make "+
			"count-save saves those of this run", len(c.Wrong), c.Fewer)
	default:
		return fmt.Errorf("numbers that are not those of the file: %d; where that is meant, make count-save "+
			"saves those of this run", len(c.Wrong))
	}
}
