package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"lowrank/bench/peers"
)

// compare starts this program as its own peer: with asProgram in the environment
// the test binary is mfbench.
const asProgram = "MFBENCH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(execute(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestCompareUsage(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"more", 2, `mfbench compare takes no argument; it got "more"`},
		{"--d 0", 2, "--d has 0; expected different numbers of at least 1"},
		{"--d 10,10 --r 1", 2, "--d has 10"},
		{"--d ten", 2, `--d is "ten"; expected whole numbers with commas between`},
		{"--r 1,,2", 2, `--r is "1,,2"; expected whole numbers with commas between`},
		{"--d 10,5 --r 1,6", 2, "--r has 6; expected different numbers from 1 to the least d, 5"},
		{"--r 2,2", 2, "--r has 2"},
		{"--rounds 0", 2, "--rounds is 0; expected at least 1"},
		{"--threads 0", 2, "--threads is 0; expected at least 1 and at most "},
		{"--threads 100000", 2, "the processors of this program"},
		{"--rounds x", 2, `--rounds is "x"; expected a value of type int`},
		{"--dtype mixed", 2, `--dtype is "mixed"; expected f64 or f32`},
		{"--timeout 0s", 2, "--timeout is 0s; expected more than 0"},
		{"--peers numpi", 2, `--peers has "numpi"; expected some of native, `},
		{"--cblas native=/x.so", 2, "--cblas: the name native of"},
		{"--cblas /no/such/libx.so --peers native --d 8 --r 1", 1, "c-x needs the shared library /no/such/libx.so, which does not exist"},
		{"--python /no/such --peers numpy --d 8 --r 1", 1, "numpy needs Python; /no/such is not a program"},
		{"--peers gonum --d 8 --r 1 --out file", 1, "file"},
		{"--python /no/such --peers numpy --d 60000000 --r 1", 1, "a peer with a Σ of order 60000000 needs"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Setenv(asProgram, "1")
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := mfbench(t, dir, append([]string{"compare", "--quiet"}, strings.Fields(c.args)...)...)
			if code != c.code || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
				t.Errorf("code %d, stdout %q, stderr %q; want code %d and %q", code, stdout, stderr, c.code, c.want)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	t.Setenv(asProgram, "1")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	dir := t.TempDir()
	code, stdout, stderr := mfbench(t, dir, "compare", "--peers", "gonum", "--d", "40", "--r", "3", "--rounds", "2", "--threads", "1", "--out", "res", "--json")
	if code != 0 {
		t.Fatalf("code %d: %s", code, stderr)
	}
	object := lastJSON(t, stdout)
	rows := object["cells"].([]any)[0].(map[string]any)["rows"].([]any)
	if len(rows) != 2 || object["status"] != "passed" {
		t.Fatalf("%d rows, status %v", len(rows), object["status"])
	}
	for i, name := range []string{"native", "gonum"} {
		row := rows[i].(map[string]any)
		if row["peer"] != name || len(row["rounds_ms"].([]any)) != 2 || !(row["difference"].(float64) <= 1e-12) {
			t.Errorf("%v", row)
		}
	}
	if !strings.HasPrefix(stdout, "d = 40, r = 3, f64: at least ") {
		t.Errorf("stdout begins with %.80q", stdout)
	}
	if got := list(t, filepath.Join(dir, "res")); got != "compare.csv compare.json compare.md compare.png compare.svg" {
		t.Errorf("files: %q", got)
	}
	left, err := os.ReadDir(temporary)
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

func TestCompareList(t *testing.T) {
	t.Setenv(asProgram, "1")
	code, stdout, stderr := mfbench(t, t.TempDir(), "compare", "--list", "--json", "--peers", "gonum,c-mkl")
	if code != 0 {
		t.Fatalf("code %d: %s", code, stderr)
	}
	var names []string
	for _, p := range lastJSON(t, stdout)["peers"].([]any) {
		p := p.(map[string]any)
		names = append(names, p["name"].(string))
		if installed := p["installed"].(bool); installed == (p["lacking"] != nil) {
			t.Errorf("%v", p)
		}
	}
	if !slices.Equal(names, []string{peers.Base, "gonum", "c-mkl"}) {
		t.Errorf("listed are %q", names)
	}
}

// An interrupt leaves nothing behind.
func TestCompareInterrupted(t *testing.T) {
	t.Setenv(asProgram, "1")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Chdir(t.TempDir())
	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(time.Second, stop)
	var stdout, stderr bytes.Buffer
	code := execute(ctx, []string{"compare", "--peers", "gonum", "--d", "300", "--r", "1", "--rounds", "1000", "--quiet", "--out", "res"}, &stdout, &stderr)
	if code != 1 || stderr.String() != "mfbench: interrupted; nothing was written\n" {
		t.Errorf("code %d: %s", code, stderr.String())
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
	if left, err := os.ReadDir("res"); err != nil || len(left) != 0 {
		t.Errorf("results: %v, %v", left, err)
	}
}

// closing is a stdout that somebody closed, and an interrupt at its first line.
type closing struct{ stop func() }

func (c closing) Write([]byte) (int, error) {
	c.stop()
	return 0, syscall.EPIPE
}

// What was measured before an interrupt is kept, and nobody needs to listen.
func TestCompareKeepsWhatIsThere(t *testing.T) {
	t.Setenv(asProgram, "1")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Chdir(t.TempDir())
	args := []string{"compare", "--peers", "gonum", "--d", "30,40", "--r", "1", "--rounds", "1", "--threads", "1", "--quiet"}
	for _, c := range []struct{ out, want, status string }{
		{"res", "mfbench: interrupted; 1 of 2 cells are in res\n", "interrupted"},
		{"all", "mfbench: stdout: broken pipe\n", "passed"},
		{"", "mfbench: stdout: broken pipe\n", ""},
	} {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		stdout := closing{func() {}}
		given := args
		if c.status == "interrupted" {
			stdout.stop = stop
		}
		if c.out != "" {
			given = append(slices.Clone(args), "--out", c.out)
		}
		var stderr bytes.Buffer
		if code := execute(ctx, given, stdout, &stderr); code != 1 || stderr.String() != c.want {
			t.Errorf("code %d: %s; want %s", code, stderr.String(), c.want)
		}
		if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
			t.Errorf("temporary files are left: %v, %v", left, err)
		}
		if c.out == "" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(c.out, "compare.json"))
		if err != nil {
			t.Fatal(err)
		}
		if status := lastJSON(t, string(data))["status"]; status != c.status {
			t.Errorf("status %v; want %s", status, c.status)
		}
	}
}

func TestPeerUsage(t *testing.T) {
	code, _, stderr := mfbench(t, t.TempDir(), "peer", "dir", "8")
	if code != 2 || !strings.Contains(stderr, "DIR D ETA DTYPE THREADS; it got 2") {
		t.Errorf("code %d: %s", code, stderr)
	}
}
