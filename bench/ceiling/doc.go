// Package ceiling measures what the machine can do at most: bytes per second from
// each level of cache and from memory, and multiply-adds per second, by the
// kernels of this project, for any number of threads.
//
// A rate is the best of many short rounds. Other programs, and the other guests
// of a virtual machine's host, can only take time away from a round; whoever wants
// the limit of the machine spreads the rounds over as long a time as there is
// (Survey). The clock of a round runs from the first thread's start to the last
// one's end, when all threads stand ready.
//
// It may import kernel, blas/parallel and data/memory. Start reading at meter.go,
// then survey.go.
package ceiling
