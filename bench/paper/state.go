package paper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"lowrank/bench"
	"lowrank/solvers"
)

// stateful has a state that can be saved and restored: a solver, a recorder.
type stateful interface {
	Save() ([]byte, error)
	Restore([]byte) error
}

// MadeError says that the figure was made before with the same parameters.
type MadeError struct {
	Lines  []string // verdicts and notes
	Passed bool
}

func (MadeError) Error() string { return "the figure was made before" }

// made returns a MadeError where Resume finds the figure's files.
func (m *making) made() error {
	if m.Dir == "" || !m.Resume {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(m.Dir, filepath.FromSlash(m.Figure)+".toml"))
	if err != nil {
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
	machine := bench.ThisMachine(m.Backend)
	if was.Quick != m.Quick || !reflect.DeepEqual(was.Parameters, now) || was.Machine.Version != machine.Version || was.Machine.Backend != machine.Backend {
		return nil
	}
	e := MadeError{Lines: was.Verdicts, Passed: true}
	for _, line := range was.Verdicts {
		e.Passed = e.Passed && !strings.HasPrefix(line, "FAIL")
	}
	return e
}

// path is the file of a stage's state.
func (m *making) path(stage string) string {
	return filepath.Join(m.State, strings.NewReplacer("/", "-", " ", "-").Replace(stage)+".state")
}

// fingerprint binds a state to all that its bits depend on.
func (m *making) fingerprint(stage string) (string, error) {
	config, err := toml.Marshal(m.Config)
	if err != nil {
		return "", err
	}
	h := solvers.NewFingerprint(m.Figure, stage, m.Quick, m.Backend.Name, bench.RowName(m.Backend), bench.Version)
	h.Add(config)
	return h.String(), nil
}

// read decodes the state of a stage, with Resume and where there is one.
func (m *making) read(stage string, into any) (found bool, err error) {
	if m.State == "" || !m.Resume {
		return false, nil
	}
	fingerprint, err := m.fingerprint(stage)
	if err != nil {
		return false, err
	}
	c, _, err := solvers.ReadCheckpoint(m.path(stage), fingerprint)
	if err != nil || c == nil {
		return false, err
	}
	return true, solvers.DecodeState(c.State, into)
}

// write saves the state of a stage.
func (m *making) write(stage string, state any) error {
	fingerprint, err := m.fingerprint(stage)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.State, 0o755); err != nil {
		return err
	}
	c := solvers.Checkpoint{Fingerprint: fingerprint}
	if c.State, err = solvers.EncodeState(state); err != nil {
		return err
	}
	return c.Write(m.path(stage))
}

// forget removes the states of a figure that is made.
func (m *making) forget() {
	if m.State != "" {
		os.RemoveAll(m.State) // what stays costs disk only
	}
}

// kept returns what make returns. With a directory for states it is saved, and
// a figure that is resumed takes it from there; make must depend on the
// configuration alone. T holds exported fields or plain numbers.
func kept[T any](m *making, stage string, make func() (T, error)) (T, error) {
	var s struct {
		Value T
		Cost  Cost
	}
	if found, err := m.read(stage, &s); err != nil || found {
		m.Cost.plus(s.Cost)
		return s.Value, err
	}
	before := m.Cost
	m.Cost = Cost{}
	v, err := make()
	s.Value, s.Cost = v, m.Cost
	m.Cost = before
	m.Cost.plus(s.Cost)
	if err != nil || m.State == "" {
		return v, err
	}
	if err := m.write(stage, &s); err != nil {
		return v, err
	}
	// The state of the runs inside it is of no use any more.
	if err := os.Remove(m.path(stage + " run")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v, fmt.Errorf("%s: %w", m.Figure, err)
	}
	return v, nil
}

// save writes the state of an ensemble's runs.
func (g *ensembleRun) save() error {
	if g.State == "" {
		return nil
	}
	st := g.ensembleState
	for i, method := range g.ensemble.Members() {
		s, ok := method.(stateful)
		if !ok {
			return nil // a recursion of numbers: soon made again
		}
		state, err := s.Save()
		if err != nil {
			return err
		}
		st.Members = append(st.Members, state)
		state = nil
		if r, ok := g.runs[i].recorder.(stateful); ok {
			if state, err = r.Save(); err != nil {
				return err
			}
		}
		st.Recorders = append(st.Recorders, state)
		var rows [][]float64
		if g.runs[i].trace != nil {
			rows = g.runs[i].trace.Rows
		}
		st.Traces = append(st.Traces, rows)
	}
	g.savedAt = time.Now()
	return g.write(g.stage, &st)
}

// restore sets the ensemble to the state that was saved.
func (g *ensembleRun) restore() error {
	var st ensembleState
	found, err := g.read(g.stage, &st)
	if err != nil || !found {
		return err
	}
	members := g.ensemble.Members()
	if len(st.Members) != len(members) || len(st.Recorders) != len(members) || len(st.Traces) != len(members) || len(st.Ended) != len(members) || len(st.Results) != len(members) {
		return fmt.Errorf("%s: the state is of another number of runs", g.path(g.stage))
	}
	for i, method := range members {
		if err := method.(stateful).Restore(st.Members[i]); err != nil {
			return fmt.Errorf("%s: %w", g.path(g.stage), err)
		}
		if r, ok := g.runs[i].recorder.(stateful); ok {
			if err := r.Restore(st.Recorders[i]); err != nil {
				return fmt.Errorf("%s: %w", g.path(g.stage), err)
			}
		}
		if rows := st.Traces[i]; g.runs[i].trace != nil {
			g.runs[i].trace.Rows = rows
			if len(rows) > 0 {
				g.last[i] = int(rows[len(rows)-1][0])
			}
		}
	}
	g.Results, g.Ended, g.Spent = st.Results, st.Ended, st.Spent
	return nil
}
