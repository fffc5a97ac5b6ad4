// Package matio reads and writes the files of the project: NumPy arrays
// (.npy, .npz), Matrix Market files (.mtx), traces in CSV; and it reads IDX,
// the format of MNIST.
//
// Arrays are little-endian float32 or float64, in C or Fortran order. A large
// .npy file is mapped instead of read, so that a matrix larger than the memory
// can be streamed through [ReadRow] or [CheckFinite]. Nothing is allocated on
// the word of a header alone: what the header asks for is compared with what
// the file holds first.
//
// Every file is written under a temporary name in its own directory and then
// renamed, so that no half-written file ever stands under the final name.
//
// Every error is one sentence of the form "path: what is wrong; what was
// expected". It wraps its cause, so [errors.Is] with [io/fs.ErrNotExist] works.
// Programmer errors (an index out of range, a shape that does not fit its
// data, a read after Close) panic.
//
// The package imports the standard library, golang.org/x/sys for the memory
// map and github.com/google/renameio for the replacement of files, and nothing
// else of this module.
//
// To read the source, start at open.go, which leads to npy_header.go for the
// format and array.go for the access to elements; npz.go, write.go, replace.go,
// csv.go, mtx.go, idx.go and check.go stand on their own.
package matio
