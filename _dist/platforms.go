package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// platform is what an archive is for.
type platform struct{ os, arch string }

var platforms = []platform{
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"linux", "amd64"}, {"linux", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

func (p platform) String() string { return p.os + "-" + p.arch }

// run is the output of the go command in the root of the repository, for the platform. No
// variable of the caller's decides what is built.
func (p platform) run(arguments ...string) (string, error) {
	cmd := exec.Command("go", arguments...)
	cmd.Dir = root
	for _, v := range os.Environ() {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GOWORK":
		default:
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch, "GOWORK=off")
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s for %v: %w: %s", strings.Join(arguments, " "), p, err, strings.TrimSpace(failed.String()))
	}
	return string(out), nil
}
