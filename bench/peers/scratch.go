package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Scratch makes a directory for the files of a run, Σ among them, and removes those
// of runs that were ended before they could. done removes it.
func Scratch() (dir string, done func() error, err error) {
	const pattern = "mfbench-compare-"
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), pattern+"*")) // a pattern that is wrong finds none
	for _, d := range old {
		// One that is new may not be locked yet.
		if info, err := os.Stat(d); err == nil && time.Since(info.ModTime()) > time.Minute && abandoned(filepath.Join(d, lockFile)) {
			_ = os.RemoveAll(d) // it may be another user's
		}
	}
	if dir, err = os.MkdirTemp("", pattern); err != nil {
		return "", nil, fmt.Errorf("no directory for temporary files can be made in %s, which TMPDIR names: %w", os.TempDir(), err)
	}
	unlock, err := lock(filepath.Join(dir, lockFile))
	if err != nil {
		os.RemoveAll(dir)
		return "", nil, err
	}
	return dir, func() error {
		unlock()
		return os.RemoveAll(dir)
	}, nil
}

// lockFile is locked as long as the run lives that made the directory.
const lockFile = "lock"
