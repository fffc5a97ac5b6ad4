package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// build makes the program that runs under valgrind, in dir: this one with the names
// of its functions, which go run leaves out and GOFLAGS may, and Go code for any
// amd64.
func build(ctx context.Context, dir string) (program string, err error) {
	program = filepath.Join(dir, "count")
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags=", "-o", program, "lowrank/bench/count")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOAMD64=v1", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build lowrank/bench/count: %w: %s", err, bytes.TrimSpace(out))
	}
	return program, nil
}

// profileOf runs the workload of a row under callgrind. Valgrind shows it a
// processor of its own, whatever the real one: AVX2 and FMA, no AVX-512, and caches
// whose sizes are always the same.
func profileOf(ctx context.Context, program, row string) (done, []dump, error) {
	var d done
	file := program + "." + row
	cmd := exec.CommandContext(ctx, "valgrind", "--command-line-only=yes", "--quiet", "--tool=callgrind",
		"--callgrind-out-file="+file, "--combine-dumps=yes", "--dump-line=no",
		"--zero-before=main.begin", atEnd, program, "workload")
	// One goroutine at a time, and no rounds of the garbage collector in between.
	cmd.Env = append(os.Environ(), "MF_KERNEL="+row, "GOMAXPROCS=1", "GOGC=off", "GOMEMLIMIT=off", "GODEBUG=asyncpreemptoff=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); errors.Is(err, exec.ErrNotFound) {
		return d, nil, fmt.Errorf("valgrind is not installed; make valgrind installs it on Debian and Ubuntu")
	} else if err != nil {
		return d, nil, fmt.Errorf("valgrind of row %s: %w: %s", row, err, lastWords(stderr.String()))
	}
	if err := json.Unmarshal(stdout.Bytes(), &d); err != nil {
		return d, nil, fmt.Errorf("the workload of row %s wrote %q; expected its tasks as JSON", row, stdout.String())
	}
	f, err := os.Open(file)
	if err != nil {
		return d, nil, err
	}
	defer f.Close()
	dumps, err := parseProfile(f)
	if err != nil {
		return d, nil, fmt.Errorf("profile of row %s: %w", row, err)
	}
	return d, dumps, nil
}

// atEnd makes callgrind write what ran since begin, and stands in that part of the
// profile as its trigger.
const atEnd = "--dump-before=main.end"

// lastWords is what the workload wrote to stderr, without valgrind's own lines.
func lastWords(stderr string) string {
	var words []string
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "==") {
			words = append(words, strings.TrimSpace(line))
		}
	}
	return strings.Join(words, " ")
}
