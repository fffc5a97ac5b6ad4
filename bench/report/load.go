package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
