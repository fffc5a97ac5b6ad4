package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"lowrank/data/matio"
)

// Save writes dir/<name>.json, whole or not at all: all that the page shows of
// the figure, also for other programs to plot.
func Save(dir string, f *Figure) (path string, err error) {
	d, err := newDocument(f)
	if err == nil {
		err = d.check()
	}
	if err != nil {
		return "", fmt.Errorf("report: figure %q: %w", f.Name, err)
	}
	b, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("report: figure %q: %w", f.Name, err)
	}
	path = file(dir, f.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, matio.WriteFile(path, append(b, '\n'))
}

func file(dir, name string) string {
	return filepath.Join(dir, filepath.FromSlash(name)+".json")
}
