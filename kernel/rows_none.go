//go:build !amd64 || purego

package kernel

// assemblyRows: none for this processor or build.
var assemblyRows []Row
