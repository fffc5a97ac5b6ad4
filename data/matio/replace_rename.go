//go:build !windows

package matio

import (
	"path/filepath"

	"github.com/google/renameio/v2"
)

// newPending creates the temporary file in the directory of path, because a
// rename cannot leave its file system.
func newPending(path string) (pending, error) {
	p, err := renameio.NewPendingFile(path,
		renameio.WithTempDir(filepath.Dir(path)),
		renameio.WithPermissions(fileMode))
	if err != nil {
		return nil, err // not p: a nil pointer would make a non-nil interface
	}
	return p, nil
}
