//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package peers

import (
	"os"
	"syscall"
)

// lock holds a lock that the system releases when this program ends, however that
// ends.
func lock(path string) (unlock func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	// Where the file system has no locks nobody removes the directory either.
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return func() { f.Close() }, nil
}

// abandoned says whether nobody holds the lock.
func abandoned(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
