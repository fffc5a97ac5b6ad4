package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// load reads what Save wrote, or returns nil if there is no such file.
func load(dir, name string) (*document, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	path := file(dir, name)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := new(document)
	if err = json.Unmarshal(b, d); err == nil {
		err = d.check()
	}
	if err == nil && d.Name != name {
		err = fmt.Errorf("it describes the figure %q", d.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s does not describe the figure %s (%w); delete it or make the figure again", path, name, err)
	}
	return d, nil
}

// Whole tells whether dir has the figure's file and all that it names but
// pictures of pixels, which may be left out.
func Whole(dir, name string) bool {
	d, err := load(dir, name)
	if err != nil || d == nil {
		return false
	}
	for _, f := range d.Files {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f))); err != nil && filepath.Ext(f) != ".png" {
			return false
		}
	}
	return true
}
