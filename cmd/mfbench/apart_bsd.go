//go:build unix && !linux

package main

import (
	"os/exec"
	"syscall"
)

// setApart lets a process that is not started yet lead a group of its own: Ctrl-C on
// a terminal reaches this program alone.
func setApart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
