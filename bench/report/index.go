package report

import (
	"bytes"
	"path/filepath"

	"lowrank/data/matio"
)

// WriteIndex writes dir/index.html of the figures among names whose .json is
// in dir, in that order.
func WriteIndex(dir string, names []string) (path string, err error) {
	var figures []*document
	for _, name := range names {
		d, err := load(dir, name)
		if err != nil {
			return "", err
		}
		if d != nil {
			figures = append(figures, d)
		}
	}
	p, err := newPage(figures)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := layout.Execute(&b, p); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "index.html")
	return path, matio.WriteFile(path, b.Bytes())
}
