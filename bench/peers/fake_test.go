package peers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lowrank/blas"
	_ "lowrank/blas/backends"
)

// The test binary is a peer where its first argument is fake-peer, the second says
// of what kind.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "fake-peer" {
		if err := fakePeer(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fake is a Peer of the test binary.
func fake(name, kind string) Peer {
	return Peer{Name: name, find: func(context.Context, *Host) (program, error) {
		return program{args: []string{os.Args[0], "fake-peer", kind}}, nil
	}}
}

func fakePeer(kind string, args []string) error {
	job, err := ParseJob(args)
	if err != nil {
		return err
	}
	about, variants := "Fake 1.0, threads=1", []string{"plain"}
	switch kind {
	case "native":
		b, err := blas.Open(Base, job.Threads)
		if err != nil {
			return err
		}
		return Serve(b, job, os.Stdin, os.Stdout)
	case "crash at start":
		return errors.New("first line\nno module named fake\n")
	case "garbage at start":
		fmt.Println("Welcome")
	case "no variants":
		variants = nil
	case "error at start":
		fmt.Println("error cannot load libfake.so")
	case "silent":
		time.Sleep(time.Minute)
	case "flood":
		for range 1000 {
			fmt.Print(strings.Repeat("x", 1000))
		}
		time.Sleep(time.Minute)
	case "closed":
		os.Stdout.Close()
		time.Sleep(time.Minute)
	case "wrong":
		variants = []string{"plain", "other"}
	case "partly wrong":
		variants = []string{"slow", "fast"}
	case "disturbed":
		variants = []string{"slow", "late"}
	case "ways":
		variants = []string{"slow", "fast", "single"}
	case "core":
		about = "OpenBLAS 0.0 Fake, threads=1"
		if os.Getenv("OPENBLAS_CORETYPE") != "" {
			return errors.New("illegal instruction")
		}
	case "mixed":
		variants = []string{"crashes", "hangs", "last"}
	case "stuck":
		variants = []string{"hangs", "hangs-too", "hangs-again"}
	case "child":
		child := exec.Command("sleep", "60")
		if err := child.Start(); err != nil {
			return err
		}
		about = fmt.Sprint(child.Process.Pid)
	}
	return serve(os.Stdin, os.Stdout, about, variants, &plain{job: job, kind: kind})
}

// plain is the iteration in loops, the reference of all peers. Its kinds misbehave.
type plain struct {
	job     Job
	kind    string
	variant string
	r       int
	sigma   blas.General[float64]
	x       blas.General[float64]
	stepped int
}

func (p *plain) read(name string, rows, cols int) (blas.General[float64], error) {
	path := filepath.Join(p.job.Dir, name)
	if p.job.DType == "f32" {
		x, err := readX[float32](path, rows, cols)
		return blas.Convert[float64](x), err
	}
	return readX[float64](path, rows, cols)
}

func (p *plain) use(r int, variant string) (err error) {
	if variant == "single" && r != 1 {
		return errNo
	}
	if p.sigma, err = p.read(sigmaFile, p.job.D, p.job.D); err != nil {
		return err
	}
	if variant == "late" {
		p.stepped = 0
	}
	p.r, p.variant = r, variant
	p.x, err = p.read(filepath.Base(startFile("", r)), p.job.D, r)
	return err
}

func (p *plain) reset() {
	if err := p.use(p.r, p.variant); err != nil {
		panic(err)
	}
	if log, ok := strings.CutPrefix(p.kind, "logs "); ok {
		f, err := os.OpenFile(filepath.Join(p.job.Dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(f, log)
		f.Close()
	}
}

func (p *plain) step() error {
	switch {
	case p.kind == "crash":
		fmt.Fprint(os.Stderr, "first line\nlast words\n\n")
		os.Exit(3)
	case p.kind == "crash later" && p.stepped == checked:
		fmt.Fprintln(os.Stderr, "tired")
		os.Exit(3)
	case p.kind == "crash after the check" && fileExists(filepath.Join(p.job.Dir, "checked")):
		fmt.Fprintln(os.Stderr, "tired")
		os.Exit(3)
	case p.kind == "hang":
		time.Sleep(time.Minute)
	case p.kind == "error":
		return errors.New("diverged\nat once")
	case p.kind == "garbage":
		fmt.Println("banana")
	case p.variant == "crashes":
		fmt.Fprintln(os.Stderr, "oh")
		os.Exit(3)
	case strings.HasPrefix(p.variant, "hangs"):
		time.Sleep(time.Minute)
	case p.variant == "slow":
		time.Sleep(5 * time.Millisecond)
	case p.variant == "late" && p.stepped == 0: // so that a glance has two steps
		time.Sleep(2 * time.Millisecond)
	case p.variant == "late" && p.stepped < 3: // the first glance
		time.Sleep(50 * time.Millisecond)
	case p.variant == "fast":
		time.Sleep(500 * time.Microsecond)
	}
	p.stepped++
	p.x = reference(p.sigma, p.x, p.job.Eta)
	return nil
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// reference is X + η(ΣX − X(XᵀX)).
func reference(sigma, x blas.General[float64], eta float64) blas.General[float64] {
	g := make([]float64, x.Cols*x.Cols)
	for i := range x.Rows {
		for a, u := range x.Row(i) {
			for b, v := range x.Row(i) {
				g[a*x.Cols+b] += u * v
			}
		}
	}
	next := x.Clone()
	for i := range x.Rows {
		for c := range x.Cols {
			var sum float64
			for j, s := range sigma.Row(i) {
				sum += s * x.Row(j)[c]
			}
			for b, v := range x.Row(i) {
				sum -= v * g[b*x.Cols+c]
			}
			next.Row(i)[c] += eta * sum
		}
	}
	return next
}

func (p *plain) save(path string) error {
	x := p.x.Clone()
	switch p.kind {
	case "partly wrong":
		if p.variant == "fast" {
			x.Data[0] *= 1 + 1e-3
		}
	case "wrong":
		x.Data[0] *= 1 + 1e-3
	case "short":
		x = x.RowsOf(0, x.Rows-1)
	case "crash after the check":
		if err := os.WriteFile(filepath.Join(p.job.Dir, "checked"), nil, 0o644); err != nil {
			return err
		}
	}
	if p.job.DType == "f32" {
		return writeX(path, blas.Convert[float32](x))
	}
	return writeX(path, x)
}

// problemDir writes a problem of order d.
func problemDir(t *testing.T, dtype string, d int, columns ...int) string {
	t.Helper()
	dir := t.TempDir()
	if err := writeFor(dtype, dir, d, columns, 1); err != nil {
		t.Fatal(err)
	}
	return dir
}

// look finds peers, all of which must be there.
func look(t *testing.T, dir string, list ...Peer) []*Found {
	t.Helper()
	found, err := Look(t.Context(), &Host{}, list, dir, "f64", 1, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Lacking != nil {
			t.Fatal(f.Lacking)
		}
	}
	return found
}

func names(list []*Row, keep func(*Row) bool) []string {
	var names []string
	for _, row := range list {
		if keep(row) {
			names = append(names, row.Peer)
		}
	}
	return slices.Clip(names)
}
