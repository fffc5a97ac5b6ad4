package paper

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"lowrank/bench"
	"lowrank/bench/report"
)

// MadeError says that the figure was made before with the same parameters.
type MadeError struct {
	Lines  []string // verdicts and notes
	Passed bool
}

func (MadeError) Error() string { return "the figure was made before" }

// made returns a MadeError where Resume finds the figure whole, made with the
// same parameters by the same backend and kernels.
func (m *making) made() error {
	if m.Dir == "" || !m.Resume {
		return nil
	}
	base := filepath.Join(m.Dir, filepath.FromSlash(m.Figure))
	data, err := os.ReadFile(base + ".toml")
	if err != nil || !report.Whole(m.Dir, m.Figure) {
		return nil // it will be made
	}
	var was struct {
		Quick      bool           `toml:"quick"`
		Parameters map[string]any `toml:"parameters"`
		Machine    bench.Machine  `toml:"machine"`
		Verdicts   []string       `toml:"verdicts"`
	}
	if err := toml.Unmarshal(data, &was); err != nil {
		return nil
	}
	config, err := toml.Marshal(m.Config)
	if err != nil {
		return err
	}
	var now map[string]any
	if err := toml.Unmarshal(config, &now); err != nil {
		return err
	}
	is := bench.ThisMachine(m.Backend)
	if was.Quick != m.Quick || !reflect.DeepEqual(was.Parameters, now) || was.Machine.Version != is.Version ||
		was.Machine.Backend != is.Backend || was.Machine.Kernel != is.Kernel {
		return nil
	}
	e := MadeError{Lines: was.Verdicts, Passed: true}
	for _, line := range was.Verdicts {
		e.Passed = e.Passed && !strings.HasPrefix(line, "FAIL")
	}
	return e
}
