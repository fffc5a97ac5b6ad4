package paper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"lowrank/bench"
	"lowrank/solvers"
)

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
