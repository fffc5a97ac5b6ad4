// Package kernel is the lowest step of the ladder: the micro-kernels, the
// choice of an instruction set and its block sizes from cpuid, and the table
// from which a backend is picked. It knows panels, not matrices: loops over
// matrices live in package blas and its backends.
//
// It may import gonum's blas interface, klauspost/cpuid and the standard
// library, and nothing of this module.
//
// Start with row.go, the contract: what the kernels of a row are, and the
// numbers that belong to them. The files generic*.go say of each what it must
// compute and in which order sums are formed. choose.go picks the row of this
// processor, blocks.go sets block sizes, backend.go is the table of backends.
//
// # The rows
//
// A row is one set of kernels: generic in plain Go; avx2 and avx512 in assembly,
// which _asm generates (a module of its own: go run . in that folder). The build
// tag purego leaves the assembly out.
//
// A new row starts complete: newRow gives it generic kernels of its own numbers,
// and it puts its own over them, one by one, in any order. It is
//
//   - a file of its own, <name>_row_<arch>.go, that starts with newRow and adds the
//     row to compiled in init, beside the assembly that it names;
//   - a line in the list isa in choose.go, which says which processors run it, and a
//     field of CPU where that asks for something new.
//
// TestKernels and TestNarrow then run it. Dots, Combine, Normal and Normal2 come
// together with those of the row's Narrow, which must give the same bits. For amd64 the file,
// the assembly and the declarations are all written from one description, an entry
// of sets in _asm/isa.go.
//
// A new kernel is a field in row.go; a generic function in a file generic_*.go and
// its line in genericKernels (or newRow); a test in kernels_test.go. The generator
// writes it by a function in _asm, which is called in kernels of _asm/isa.go and
// names the field that it fills: the rows follow, and TestRowsAreInAssembly names what
// they lack. bench/count/kernels.go counts its instructions.
//
// # The panels
//
// GEMM meets A with any two strides, so that A, its transpose and packed panels
// are the same to it, and rows of B as wide as the tile:
//
//	A, h×k: a[i·rs + p·cs]         B, k × NR: rows ldb apart
//	packed: rs = 1, cs = MR
//	a00 a10 … a(MR-1)0             b00 b01 … b0(NR-1)
//	a01 a11 … a(MR-1)1             b10 b11 … b1(NR-1)
//	…   (k columns in a row)       …   (k rows)
//
//	C tile, h × NR, rows ldc apart, h ≤ MR:    C += A·B
//
// The two-sided product reads each element of a tile A of Σ once and uses it
// for Y_i += A·X_j and for Y_j += Aᵀ·X_i. Up to four columns of X are held as
// vectors, and lanes run along a row of A; as many columns as a vector has
// lanes are held row by row, and each element of A is broadcast:
//
//	Columns: c vectors of X_j      Panel: rows of X_j
//	  x0: x00 x10 x20 …              x00 … x0(L-1)
//	  x1: x01 x11 x21 …              x10 … x1(L-1)
//
// Panels may be two vectors wide, NR columns; more columns go by in several
// groups, the first of which brings the tile from memory.
//
// The rows of A that go by together are far apart, a band each: memory is read
// in several streams at a time, which a core needs to reach its bandwidth. Each
// group of rows prefetches the one below it, the last the tile that comes next.
package kernel
