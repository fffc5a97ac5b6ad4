package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Output is a result that a run may write: the flag with its name and what it
// is called in --out.
type Output struct {
	Path *string
	Base string
}

// Outputs makes the directory of --out and checks that results can be written.
//
// Of a run that is planned no directory is made, and of one that is missing nothing is
// checked but that it can be made.
func (f *Request) Outputs(read []string, results []Output) error {
	results = append(results, Output{&f.Trace, "trace.csv"})
	switch {
	case f.Out == "":
	case f.Planning && missing(f.Out):
		if err := checkMakeable(f.Out); err != nil {
			return err
		}
	default:
		if err := MakeDir(f.Out); err != nil {
			return err
		}
	}
	t := Targets{read: read, config: f.Config}
	for _, r := range results {
		if len(f.Runs) > 0 && *r.Path != "" && isDevice(*r.Path) {
			return Usagef("%s: takes one result; --vary makes several", *r.Path)
		}
		if len(f.Runs) == 0 {
			t.Write = append(t.Write, *r.Path)
		}
		for i := range f.Runs {
			t.Write = append(t.Write, Numbered(*r.Path, i))
		}
	}
	t.Write = append(t.Write, f.Checkpoint.file)
	if f.Checkpoint.file != "" {
		t.Write = append(t.Write, f.Checkpoint.file+".previous", f.Checkpoint.file+".next")
	}
	t.Write = append(t.Write, f.profiles.files()...)
	for _, path := range t.Write[:len(results)*max(len(f.Runs), 1)] {
		if path != "" && !isDevice(path) {
			t.beside = append(t.beside, beside(path))
		}
	}
	return t.Check()
}

// checkMakeable fails where a directory that is missing could not be made.
func checkMakeable(dir string) error {
	above := filepath.Dir(filepath.Clean(dir))
	for missing(above) && above != filepath.Dir(above) {
		above = filepath.Dir(above)
	}
	if err := CheckWritable(filepath.Join(above, "x")); err != nil {
		return fmt.Errorf("%s: the directory cannot be made: %w", dir, err)
	}
	return nil
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// Numbered is the name of the result of one run: x-3.npy of x.npy.
func Numbered(path string, run int) string {
	if path == "" {
		return ""
	}
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), run+1, ext)
}
