//go:build unix

package main

import "os"

// interrupt asks a process to end in order.
func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }
