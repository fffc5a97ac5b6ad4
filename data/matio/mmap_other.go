//go:build !unix

package matio

import (
	"errors"
	"os"
)

// mapFile has no implementation here; the caller reads the file instead.
func mapFile(*os.File, int64) ([]byte, func() error, error) {
	return nil, nil, errors.ErrUnsupported
}
