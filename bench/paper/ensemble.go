package paper

import (
	"fmt"
	"time"

	"lowrank/solvers"
)

// trajectory is one run of an ensemble and what observes it.
type trajectory struct {
	stop     solvers.Stop
	recorder solvers.Recorder // nil for none
	trace    *solvers.Trace   // that the recorder fills
	every    int
	load     load
}

// ensembleRun is a runEach under way.
type ensembleRun struct {
	*making
	stage    string
	ensemble solvers.Ensemble
	runs     []trajectory
	total    int
	last     []int // the last iterate that each recorder saw
	done     int
	savedAt  time.Time
	ruled    []bool // the run's own rule ended it
	paused   []bool // the end of a stretch did

	ensembleState
}

// ensembleState is what is saved of it.
type ensembleState struct {
	Results   []solvers.Result
	Ended     []bool
	Spent     time.Duration
	Members   [][]byte
	Recorders [][]byte
	Traces    [][][]float64
}

// stateful has a state that can be saved and restored: a solver, a recorder.
type stateful interface {
	Save() ([]byte, error)
	Restore([]byte) error
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
