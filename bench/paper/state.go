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
	"lowrank/bench/report"
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

// keepStates names the directory of the states: one for each configuration, so
// that a figure goes on with its own and ends without touching others.
func (m *making) keepStates() error {
	if m.Dir == "" {
		return nil
	}
	config, err := toml.Marshal(m.Config)
	if err != nil {
		return err
	}
	h := solvers.NewFingerprint(m.Figure, m.Quick, m.Backend.Name, bench.RowName(m.Backend), bench.Version)
	h.Add(config)
	m.fingerprint = h.String()
	m.State = filepath.Join(m.Dir, filepath.FromSlash(m.Figure)+".state", m.fingerprint[:12])
	return nil
}

// unique tells stages of one name apart.
func (m *making) unique(stage string) string {
	if m.stages == nil {
		m.stages = map[string]int{}
	}
	if m.stages[stage]++; m.stages[stage] > 1 {
		return fmt.Sprintf("%s (%d)", stage, m.stages[stage])
	}
	return stage
}

// path is the file of a stage's state.
func (m *making) path(stage string) string {
	return filepath.Join(m.State, strings.NewReplacer("/", "-", " ", "-").Replace(stage)+".state")
}

// read decodes the state of a stage, with Resume and where there is one.
func (m *making) read(stage string, into any) (found bool, err error) {
	if m.State == "" || !m.Resume {
		return false, nil
	}
	c, _, err := solvers.ReadCheckpoint(m.path(stage), m.fingerprint)
	if c != nil && err == nil {
		err = solvers.DecodeState(c.State, into)
	}
	if err != nil {
		return false, fmt.Errorf("%w; delete %s to begin anew", err, m.State)
	}
	return c != nil, nil
}

// write saves the state of a stage.
func (m *making) write(stage string, state any) error {
	if err := os.MkdirAll(m.State, 0o755); err != nil {
		return err
	}
	c := solvers.Checkpoint{Fingerprint: m.fingerprint}
	var err error
	if c.State, err = solvers.EncodeState(state); err != nil {
		return err
	}
	return c.Write(m.path(stage))
}

// forget removes the states of a figure that is written.
func (r *Report) forget() {
	if r.State != "" {
		os.RemoveAll(r.State) // what stays costs disk only
		os.Remove(filepath.Dir(r.State))
	}
}

// kept returns what compute returns. With a directory for states it is saved, and
// a figure that is resumed takes it from there; it must depend on the
// configuration alone. T holds exported fields or plain numbers.
func kept[T any](m *making, stage string, compute func() (T, error)) (T, error) {
	stage = m.unique(stage)
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
	v, err := compute()
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
	for _, suffix := range []string{"", ".previous"} {
		if err := os.Remove(m.path(stage+" run") + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return v, fmt.Errorf("%s: %w", m.Figure, err)
		}
	}
	return v, nil
}

// save writes the state of an ensemble's runs, where they have one.
func (g *ensembleRun) save() (saved bool, err error) {
	if g.State == "" {
		return false, nil
	}
	st := g.ensembleState
	for i, method := range g.ensemble.Members() {
		s, ok := method.(stateful)
		if !ok {
			return false, nil // a recursion of numbers: soon made again
		}
		state, err := s.Save()
		if err != nil {
			return false, err
		}
		st.Members = append(st.Members, state)
		state = nil
		if r, ok := g.runs[i].recorder.(stateful); ok {
			if state, err = r.Save(); err != nil {
				return false, err
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
	return true, g.write(g.stage, &st)
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
