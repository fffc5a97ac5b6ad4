package peers

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// compiler is that of an environment variable with its arguments, else the first of
// names.
func compiler(variable string, names ...string) ([]string, error) {
	var args []string
	if given := strings.Fields(os.Getenv(variable)); len(given) > 0 {
		names, args = given[:1], given[1:]
	}
	for _, name := range names {
		if path, err := lookPath(name); err == nil {
			return append([]string{path}, args...), nil
		}
	}
	return nil, fmt.Errorf("needs a compiler, %s; %s", strings.Join(names, " or "), makePeers)
}

// optimize is the level; tests take one that compiles faster.
var optimize = "-O3"

// tuned are the flags of a compiler that may use all of the processor.
func tuned() []string {
	flags := []string{optimize, "-DNDEBUG", "-w"}
	if runtime.GOARCH == "arm64" && runtime.GOOS == "darwin" {
		return append(flags, "-mcpu=native")
	}
	return append(flags, "-march=native")
}

// elements defines the element type for protocol.h.
func elements(dtype string) string { return "-D" + strings.ToUpper(dtype) }

// compile runs a compiler. Its error is the first one that the compiler prints.
func compile(ctx context.Context, compiler []string, flags ...string) error {
	var said tail
	args := append(slices.Clone(compiler[1:]), flags...)
	if err := help(ctx, compileTime, "", &said, compiler[0], args...); err != nil {
		line := said.find("error")
		if line == "" {
			line = err.Error()
		}
		return fmt.Errorf("cannot be compiled by %s: %s", strings.Join(compiler, " "), line)
	}
	return nil
}
