package matio

import (
	"os"
	"path/filepath"
)

// pendingFile stands in for renameio, which does not support Windows. There,
// os.Rename replaces an existing file.
type pendingFile struct {
	*os.File
	path string
	done bool
}

func newPending(path string) (pending, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path))
	if err != nil {
		return nil, err
	}
	return &pendingFile{File: f, path: path}, nil
}

func (p *pendingFile) CloseAtomicallyReplace() error {
	if err := p.Sync(); err != nil {
		return err
	}
	if err := p.Close(); err != nil {
		return err
	}
	if err := os.Rename(p.Name(), p.path); err != nil {
		return err
	}
	p.done = true
	return nil
}

func (p *pendingFile) Cleanup() error {
	if p.done {
		return nil
	}
	p.Close() // again after a failed replacement, which does no harm
	return os.Remove(p.Name())
}
