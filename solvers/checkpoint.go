package solvers

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Checkpoint is what a run needs to go on after it was killed, with the bits
// of a run that was not.
type Checkpoint struct {
	// Fingerprint binds the file to its problem: inputs, start, step, element
	// type and everything else that bits depend on.
	Fingerprint string
	Method      string // that makes the steps, where there is a choice
	Iteration   int
	Time        time.Duration // in steps, so far
	Divergence  *Divergence   // that ended the run at this iterate; nil for none
	State       []byte        // of the solver
	Rows        [][]float64   // of the trace, so far
	Recorders   [][]byte      // states of recorders that have one
	Rounding    []byte        // state of Stop.Rounding, where the run has it
	// Halvings are how often a step that was found out was halved, after runs that diverged
	// and made Abandoned iterations.
	Halvings, Abandoned int
}

const checkpointMagic = "lowrank checkpoint 2\n"

// Write saves the checkpoint: a temporary file is written and synced, the file
// that has the name becomes name.previous, the temporary file takes the name.
// At any moment one of the two is whole.
func (c *Checkpoint) Write(path string) error {
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(c); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	sum := sha256.Sum256(body.Bytes())
	if err := writeSynced(path+".next", []byte(checkpointMagic), sum[:], body.Bytes()); err != nil {
		return checkpointError(path, err)
	}
	if err := os.Rename(path, path+".previous"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return checkpointError(path, err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		return checkpointError(path, err)
	}
	// Without this a power cut may undo the renames. Some systems cannot.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		dir.Close()
	}
	return nil
}

func writeSynced(path string, parts ...[]byte) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			os.Remove(path)
		}
	}()
	for _, p := range parts {
		if _, err := f.Write(p); err != nil {
			return err
		}
	}
	return f.Sync()
}

func checkpointError(path string, err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		err = pe.Err
	case errors.As(err, &le):
		err = le.Err
	}
	return fmt.Errorf("%s: the checkpoint cannot be written: %w", path, err)
}

// ReadCheckpoint returns the checkpoint under the name, or the one before it
// when that is missing or damaged; nil when there is neither. note says in one
// sentence that the previous one is used, and why. A checkpoint of another
// problem is an error.
func ReadCheckpoint(path, fingerprint string) (c *Checkpoint, note string, err error) {
	c, err = readCheckpoint(path)
	if err != nil {
		previous, perr := readCheckpoint(path + ".previous")
		switch {
		case perr == nil:
			note = fmt.Sprintf("%v; going on from %s.previous, iteration %d", err, path, previous.Iteration)
			c, err = previous, nil
		case errors.Is(err, fs.ErrNotExist) && errors.Is(perr, fs.ErrNotExist):
			return nil, "", nil
		case errors.Is(err, fs.ErrNotExist):
			return nil, "", perr
		default:
			return nil, "", err
		}
	}
	if c.Fingerprint != fingerprint {
		return nil, "", fmt.Errorf("%s: the checkpoint belongs to another run; expected one of the same data, start, step, element type, backend and trace, and the same version of the program", path)
	}
	return c, note, nil
}

// CheckpointMethod is the Method of the checkpoint that ReadCheckpoint would return; ""
// where there is none.
func CheckpointMethod(path string) (string, error) {
	c, err := anyCheckpoint(path)
	return c.Method, err
}

// CheckpointHalvings are the Halvings of that checkpoint; 0 where there is none.
func CheckpointHalvings(path string) (int, error) {
	c, err := anyCheckpoint(path)
	return c.Halvings, err
}

// anyCheckpoint is the checkpoint that ReadCheckpoint would return, of whatever problem; an
// empty one where there is none.
func anyCheckpoint(path string) (*Checkpoint, error) {
	c, err := readCheckpoint(path)
	if err == nil {
		return c, nil
	}
	if previous, perr := readCheckpoint(path + ".previous"); perr == nil {
		return previous, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return new(Checkpoint), err
}

func readCheckpoint(path string) (*Checkpoint, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: the checkpoint cannot be read: %w", path, err)
	}
	head := len(checkpointMagic) + sha256.Size
	if len(data) < head || string(data[:len(checkpointMagic)]) != checkpointMagic {
		return nil, fmt.Errorf("%s: not a checkpoint of this version", path)
	}
	body := data[head:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(checkpointMagic):head]) {
		return nil, fmt.Errorf("%s: the checkpoint is damaged: its checksum does not fit", path)
	}
	c := new(Checkpoint)
	if err := gob.NewDecoder(bytes.NewReader(body)).Decode(c); err != nil {
		return nil, fmt.Errorf("%s: the checkpoint is damaged: %v", path, err)
	}
	return c, nil
}
