// Package openblas registers OpenBLAS as backend "openblas", through
// gonum/netlib. It needs cgo, the build tag openblas and the library (Debian:
// libopenblas-dev); without the tag it registers how to build with it.
//
// It may import kernel and gonum/netlib. Start reading at cgo.go.
package openblas
