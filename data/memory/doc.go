// Package memory says how much memory a program may still take, what the machine has
// available and what the limits of the process and of its control groups leave, and
// how much it has taken.
//
// It may import the standard library and golang.org/x/sys. Start reading at
// memory_linux.go, then limits_linux.go.
package memory
