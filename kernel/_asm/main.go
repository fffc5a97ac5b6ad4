// Command _asm writes the assembly of package kernel: for each instruction set a
// file of functions, one of their declarations, and one with the row that they
// make. isa.go describes the instruction sets and lists the kernels. Run it in its
// own folder:
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
	for _, set := range sets {
		ctx := build.NewContext()
		ctx.ConstraintExpr("!purego")
		var functions []written
		for _, f32 := range []bool{false, true} {
			g := &generator{Context: ctx, target: target{set, f32}}
			kernels(g)
			functions = append(functions, g.written...)
		}
		file, err := ctx.Result()
		if err != nil {
			return nil, err
		}
		if err := pass.Compile.Execute(file); err != nil {
			return nil, err
		}
		cfg := printer.Config{Argv: []string{"go", "run", "."}, Pkg: "kernel"}
		for name, p := range map[string]printer.Printer{
			set.name + "_amd64.s":        printer.NewGoAsm(cfg),
			set.name + "_stubs_amd64.go": printer.NewStubs(cfg),
		} {
			text, err := p.Print(file)
			if err != nil {
				return nil, err
			}
			files[name] = bytes.ReplaceAll(text, []byte("\t\n"), []byte("\n"))
		}
		if files[set.name+"_row_amd64.go"], err = table(set, functions); err != nil {
			return nil, err
		}
	}
	return files, nil
}
