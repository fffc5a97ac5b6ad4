//go:build unix

package matio

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestModeFollowsUmask(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		umask int
		want  os.FileMode
	}{{0, 0o644}, {0o022, 0o644}, {0o077, 0o600}} {
		put(t, "x", nil)
		if err := os.Chmod("x", 0o666); err != nil { // of no influence
			t.Fatal(err)
		}
		old := unix.Umask(c.umask)
		err := WriteFile("x", []byte("new"))
		unix.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat("x")
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != c.want {
			t.Errorf("umask %03o: mode %v, want %v", c.umask, info.Mode(), c.want)
		}
	}
}
