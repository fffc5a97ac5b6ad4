package main

import (
	"os/exec"
	"syscall"
)

// setApart lets a process that is not started yet lead a group of its own: Ctrl-C on
// a terminal reaches this program alone. The kernel ends it when the thread that
// starts it ends, which this program must hold until then.
func setApart(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
