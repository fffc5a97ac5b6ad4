// Package memory says how much memory a program may still take: what the machine
// has available and what the limits of its control groups leave.
//
// It may import the standard library alone. Start reading at available_linux.go.
package memory
