package peers

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// compiler is that of an environment variable, else the first of names.
func compiler(variable string, names ...string) (string, error) {
	if given := os.Getenv(variable); given != "" {
		names = []string{given}
	}
	for _, name := range names {
		if path, err := lookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("needs a compiler, %s; %s", strings.Join(names, " or "), makePeers)
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
func compile(ctx context.Context, compiler string, flags ...string) error {
	c := command(ctx, compiler, flags...)
	var said tail
	c.Stderr = &said
	if err := c.Run(); err != nil {
		line := said.find("error")
		if line == "" {
			line = err.Error()
		}
		return fmt.Errorf("%s cannot compile it: %s", compiler, line)
	}
	return nil
}
