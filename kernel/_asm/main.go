// Command _asm writes the assembly of package kernel: one file of functions
// and one of their declarations for each instruction set. Run it in its own
// folder:
//
//	go run .
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	files, err := generate()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join("..", name), text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// generate returns the generated files by name.
func generate() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, avx512 := range []bool{false, true} {
		ctx := build.NewContext()
		ctx.ConstraintExpr("!purego")
		for _, f32 := range []bool{false, true} {
			kernels(&generator{Context: ctx, target: target{avx512, f32}})
		}
		file, err := ctx.Result()
		if err != nil {
			return nil, err
		}
		if err := pass.Compile.Execute(file); err != nil {
			return nil, err
		}
		cfg := printer.Config{Argv: []string{"go", "run", "."}, Pkg: "kernel"}
		isa := target{avx512: avx512}.isa()
		for name, p := range map[string]printer.Printer{
			isa + "_amd64.s":        printer.NewGoAsm(cfg),
			isa + "_stubs_amd64.go": printer.NewStubs(cfg),
		} {
			text, err := p.Print(file)
			if err != nil {
				return nil, err
			}
			files[name] = bytes.ReplaceAll(text, []byte("\t\n"), []byte("\n"))
		}
	}
	return files, nil
}

// kernels writes the kernels of one target.
func kernels(g *generator) {
	g.masks()
	for rows := 1; rows <= map[bool]int{false: 6, true: 12}[g.avx512]; rows++ {
		gemm(g, rows)
		edge(g, rows)
	}
	strips(g, map[bool]int{false: 6, true: 12}[g.avx512])
	interleave(g, 2)
	interleave(g, 4)
	gather(g, 0, map[bool]int{false: 6, true: 12}[g.avx512])
	gather(g, 1, 2*g.lanes())
	peak(g, 12)
	dot(g)
	asum(g)
	axpy(g)
	scal(g)
	if g.f32 && !g.avx512 {
		g.bf16Places()
	}
	for _, s := range g.storages() {
		dots(g, s)
		combine(g, s)
		normal(g, s)
	}
	finish(g)
	scaleRows(g)
	for r := 1; r <= 2; r++ {
		sweep(g, r, false)
		sweep(g, r, true)
	}
	if !g.f32 {
		widen(g)
	}
	read(g, 1)
	read(g, 4)
	// Rows of A that go by together, by number of columns of X: as many as the
	// registers hold sums and elements of X for.
	rows, panelRows := map[side][]int{both: {4, 3, 2, 1}, forward: {4, 4, 4, 3}, adjoint: {4, 4, 3, 2}}, 6
	if g.avx512 {
		rows, panelRows = map[side][]int{both: {4, 4, 4, 3}, forward: {4, 4, 4, 4}, adjoint: {4, 4, 4, 4}}, 12
	}
	for _, s := range []side{both, forward, adjoint} {
		for w, n := range rows[s] {
			columns(g, s, w+1, n, false)
			if s == both && !g.f32 {
				columns(g, s, w+1, n, true)
			}
		}
		panel(g, s, 1, panelRows)
	}
	panel(g, both, 2, panelRows/2)
	panel(g, forward, 2, panelRows)
	panel(g, adjoint, 2, panelRows)
}
