package run

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"lowrank/data/problem"
)

// Targets are the files that a run writes. None may be another, nor one that
// the run reads.
type Targets struct {
	read, Write []string
	// beside stand the configurations of results. One of them may be the file
	// that --config names, where this program wrote it.
	config string
	beside []string
}

// Check fails before a run whose results could not be saved, or would destroy
// each other or an input.
func (t Targets) Check() error {
	read := []string{t.config}
	for _, path := range t.read {
		read = append(read, problem.FileOf(path))
	}
	write := append(slices.Clone(t.Write), t.beside...)
	for i, path := range write {
		if path == "" {
			continue
		}
		if standardStream.MatchString(filepath.Clean(path)) {
			return Usagef("%s: the standard streams carry the report; expected a file", path)
		}
		for _, other := range write[:i] {
			if other != "" && same(path, other) {
				return Usagef("%s: two results would be written there; expected different files", path)
			}
		}
		for k, input := range read {
			if k == 0 && i >= len(t.Write) && isOurs(input) {
				continue
			}
			if input != "" && same(path, input) {
				return Usagef("%s: is read by this run; expected another file to write", path)
			}
		}
		if err := CheckWritable(path); err != nil {
			return err
		}
	}
	return nil
}

// standardStream are names of open files of a process.
var standardStream = regexp.MustCompile(`^(/dev/std|/dev/fd/|/proc/[^/]+/(task/[^/]+/)?fd/)`)

// same reports whether two names are one file, whether it exists or not.
func same(a, b string) bool {
	ia, erra := os.Stat(a)
	ib, errb := os.Stat(b)
	if erra == nil && errb == nil {
		return ia.Mode().IsRegular() && os.SameFile(ia, ib)
	}
	return resolved(a) == resolved(b)
}

// resolved is the absolute name of a file that need not exist, its directory
// without symbolic links.
func resolved(path string) string {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Join(dir, base)
}

// isDevice reports whether path is there and no regular file: a device or a
// pipe is written to as it is, and has nothing beside it.
func isDevice(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// CheckWritable fails before a long run when its results could not be saved.
func CheckWritable(path string) error {
	if isDevice(path) {
		return nil
	}
	dir, _ := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s: is a directory; expected the name of a file to write", path)
	}
	f, err := os.CreateTemp(dir, ".mfbench-*")
	if err != nil {
		return fmt.Errorf("%s: cannot be written: %w", path, Cause(err))
	}
	f.Close()
	return os.Remove(f.Name())
}

// MakeDir makes the directory of --out and checks that it can be written.
func MakeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%s: the directory cannot be made: %w", dir, Cause(err))
	}
	return CheckWritable(filepath.Join(dir, "x"))
}

// repeats ends the first line of a configuration that this program writes.
const repeats = " --config THIS-FILE repeats this run"

// isOurs reports whether a configuration was written by this program.
func isOurs(path string) bool {
	data, err := os.ReadFile(path)
	first, _, _ := strings.Cut(string(data), "\n")
	return err == nil && strings.HasPrefix(first, "# ") && strings.HasSuffix(first, repeats)
}

// beside is the name of the resolved configuration of a result.
func beside(path string) string { return path + ".toml" }
