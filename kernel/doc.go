// Package kernel is the lowest step of the ladder: the micro-kernels, the
// choice of an instruction set and its block sizes from cpuid, and the table
// from which a backend is picked. It knows panels, not matrices: loops over
// matrices live in package blas and its backends.
//
// It may import gonum's blas interface, klauspost/cpuid and the standard
// library, and nothing of this module. Start reading at row.go, then
// generic.go, which is the specification of every faster row.
//
// # The panels
//
// GEMM reads two packed panels. An A panel holds MR rows column by column, a
// B panel holds NR columns row by row; both are zero-padded to full width:
//
//	A panel, MR × k                B panel, k × NR
//	a00 a10 … a(MR-1)0             b00 b01 … b0(NR-1)
//	a01 a11 … a(MR-1)1             b10 b11 … b1(NR-1)
//	…   (k columns in a row)       …   (k rows in a row)
//
//	C tile, MR × NR, row-major:    C += A·B
//
// The symmetric product Σ·X reads each element of one triangle of Σ once. Row
// i of the triangle meets a panel of X of w ≤ PanelWidth columns, stored row
// by row without gaps:
//
//	Σ rows i, i+1 …  (n columns)   panel of X, rows 0 … n−1
//	  a0 a1 a2 … a(n-1)            x00 … x0(w-1)
//	                               x10 … x1(w-1)
//
//	y_i += Σ_j a_j x_j   (kept in registers)
//	y_j += a_j x_i       (one load and store of the panel of Y)
package kernel
