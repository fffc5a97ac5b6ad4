// Package peers runs the iteration X ← X + η(ΣX − X(XᵀX)), Σ dense, in other
// programs and in this module's own backends, side by side.
//
// A peer is a process that speaks the protocol of protocol.go on its standard
// streams: programs/ has those of NumPy, SciPy, PyTorch, Octave, a CBLAS library and
// Eigen, serve.go the one of this module. A run goes
//
//	Look         finds peers, compiles them, asks each who it is    look.go
//	  Run        for each order d of Σ                              run.go
//	    tune     each alone: settings of its process, variants      tune.go
//	    rounds   all in turn, the others stopped                    rounds.go
//	  Result     tables, CSV, picture                               result.go, write.go
//
// A peer loads Σ as its users do before the clock starts: backend native packs half of
// it into tiles.
//
// While one works the others are stopped, so that it has the machine to itself:
// threads that wait for work use it too (process_unix.go). Where memory has several
// nodes a note says what that means (nodes.go).
//
// It may import bench, bench/figure, data/matio, data/problem, solvers and blas.
// Start reading at protocol.go, then run.go. A peer is a file beside eigen.go (peer.go
// says what it fills in) and a line in registry.go.
package peers
