//go:build unix

package peers

import (
	"os"
	"syscall"
)

// A peer is the leader of a process group of its own, whose number is its own: the
// signals reach what it starts, and Ctrl-C on a terminal reaches this program alone.

// pauseGroup stops all threads: those of OpenBLAS and OpenMP that wait for work
// look for it a while, at the cost of whoever works.
func pauseGroup(p *os.Process) bool { return syscall.Kill(-p.Pid, syscall.SIGSTOP) == nil }

func resumeGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGCONT) } // it may be gone

func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
