//go:build !purego

package kernel

// assemblyRows are the rows of this build that are written in assembly.
var assemblyRows = []Row{avx512Row, avx2Row}
