//go:build unix && !linux

package peers

import (
	"os/exec"
	"syscall"
)

// startBound starts a process in a group of its own. When this program ends in
// disorder the group is left without a parent and the system sends it SIGHUP if it is
// stopped; else it reads the end of its stdin.
func startBound(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c.Start()
}
