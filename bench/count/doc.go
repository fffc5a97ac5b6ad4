// Command count counts the instructions of the kernels and of the passes made
// of them, and compares them with the numbers in counts.txt. Unlike times they
// repeat, on every machine, busy or not.
//
//	go run ./bench/count          # fails where a number is not that of the file
//	go run ./bench/count --save   # writes the file
//
// It builds itself, runs itself under valgrind's tool callgrind once for every
// row that valgrind knows (avx2 and generic; it has no AVX-512), and takes the
// instructions of each function from callgrind's profile. It needs valgrind and
// linux/amd64.
//
// What is counted:
//
//   - a kernel in assembly: its own instructions, exactly. They follow from
//     kernel/*.s and the shape alone.
//   - a kernel in Go, and a pass (a step, a product): the instructions of this
//     module's functions, and of the copying and clearing that they ask the
//     runtime for. They repeat but for some tens of instructions, where the
//     scheduler asks a function to yield. They follow the compiler too, so the file
//     says which release of Go made them, and those of another are not compared.
//
// It may import everything below bench/paper. Start reading at main.go, then check.go;
// kernels.go and passes.go list what is counted.
package main
