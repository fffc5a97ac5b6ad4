// Package parallel runs work that is cut into parts on a fixed set of
// goroutines that live as long as the process. The cut belongs to the caller
// and never depends on the number of threads; so neither do results, as long
// as each part writes to memory of its own or adds to a shared one in its turn.
//
// It imports the standard library only. Start reading at pool.go.
package parallel
