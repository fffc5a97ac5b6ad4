package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"avx2"}, exitUsage, `count takes no argument; it got "avx2"`},
		{[]string{"--rows"}, exitUsage, "unknown flag: --rows; see count --help"},
		{[]string{"--save=maybe"}, exitUsage, "invalid argument"},
		{[]string{"workload", "x"}, exitUsage, "takes no argument"},
		{[]string{"--help"}, exitOK, "bench/count/counts.txt"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), c.args, &stdout, &stderr)
		if said := stdout.String() + stderr.String(); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%q: exit code %d, %q; want %d, %q", c.args, code, said, c.code, c.says)
		}
	}
}

func TestSupported(t *testing.T) {
	if err := supported("linux", "amd64"); err != nil {
		t.Error(err)
	}
	for _, p := range [][2]string{{"linux", "arm64"}, {"darwin", "amd64"}, {"windows", "amd64"}} {
		if err := supported(p[0], p[1]); err == nil || !strings.Contains(err.Error(), "on linux/amd64 only; this is "+p[0]+"/"+p[1]) {
			t.Errorf("%v: error %v", p, err)
		}
	}
}
