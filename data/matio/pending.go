package matio

import "io"

// fileMode is the mode of a new file, before the umask.
const fileMode = 0o644

// pending is a temporary file that is to replace another one.
type pending interface {
	io.Writer
	CloseAtomicallyReplace() error
	Cleanup() error // removes what has not replaced anything
}
