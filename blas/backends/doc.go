// Package backends imports every backend, so that blas.Open finds them by
// name. A program that wants one backend only imports that one instead.
//
// To add a backend: a package beside the others that calls kernel.Register
// from its init function, and a line here.
//
// It imports the backends and nothing else. Start reading at backends.go.
package backends
