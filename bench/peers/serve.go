package peers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// Job is what the arguments of a peer say.
type Job struct {
	Dir     string
	D       int
	Eta     float64
	DType   string
	Threads int
}

// ParseJob reads the arguments of the protocol.
func ParseJob(args []string) (Job, error) {
	if len(args) != 5 {
		return Job{}, fmt.Errorf("a peer takes five arguments, DIR D ETA DTYPE THREADS; it got %d", len(args))
	}
	d, err1 := strconv.Atoi(args[1])
	eta, err2 := strconv.ParseFloat(args[2], 64)
	threads, err3 := strconv.Atoi(args[4])
	if err1 != nil || err2 != nil || err3 != nil || d < 1 || !(eta > 0) || args[3] != "f64" && args[3] != "f32" || threads < 1 || threads > blas.MaxThreads {
		return Job{}, fmt.Errorf("the arguments of the peer are %q; expected DIR D ETA DTYPE THREADS", strings.Join(args, " "))
	}
	return Job{args[0], d, eta, args[3], threads}, nil
}

func (j Job) args() []string {
	return []string{j.Dir, strconv.Itoa(j.D), strconv.FormatFloat(j.Eta, 'g', -1, 64), j.DType, strconv.Itoa(j.Threads)}
}

// Serve is the peer of an opened backend.
func Serve(b *blas.Backend, job Job, in io.Reader, out io.Writer) error {
	about := fmt.Sprintf("lowrank %s, %s, threads=%d", bench.Version, bench.RowName(b), b.Threads)
	if b.Name != Base {
		about = fmt.Sprintf("backend %s, threads=%d", library(b), b.Threads)
	}
	if job.DType == "f32" {
		return serveAs[float32](b, job, about, in, out)
	}
	return serveAs[float64](b, job, about, in, out)
}

// library names what is beneath a backend.
func library(b *blas.Backend) string {
	facts := map[string]string{}
	for _, f := range b.Facts() {
		facts[f.Name] = f.Value
	}
	if words := strings.Fields(facts["configuration"]); len(words) > 1 {
		return strings.Join(append(words[:2], facts["core"]), " ") // OpenBLAS 0.3.21 Zen
	}
	return b.Name
}

func serveAs[T blas.Float](b *blas.Backend, job Job, about string, in io.Reader, out io.Writer) error {
	path := filepath.Join(job.Dir, sigmaFile)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	size := int64(blas.SizeOf[T]())
	if info, err := f.Stat(); err != nil || info.Size() != size*int64(job.D)*int64(job.D) {
		f.Close()
		return fmt.Errorf("%s is not a matrix of order %d in %s", path, job.D, job.DType)
	}
	var failed firstError
	op := operator.NewDense(b, job.D, func(i int, dst []T) {
		row := make([]byte, size*int64(len(dst)))
		if _, err := f.ReadAt(row, size*int64(i)*int64(job.D)); err != nil {
			failed.set(err)
			return
		}
		decode(row, dst)
	})
	f.Close()
	if failed.err != nil {
		return failed.err
	}
	m := &own[T]{backend: b, job: job, op: op}
	return serve(in, out, about, []string{"step"}, m)
}

// own makes the iteration with the solver of this module.
type own[T blas.Float] struct {
	backend *blas.Backend
	job     Job
	op      *operator.Dense[T]
	x0      blas.General[T]
	solver  *symmetric.Solver[T]
}

func (m *own[T]) use(r int, _ string) (err error) {
	if m.x0, err = readX[T](startFile(m.job.Dir, r), m.job.D, r); err == nil {
		m.reset()
	}
	return err
}

func (m *own[T]) reset() { m.solver = symmetric.New(m.backend, m.op, m.x0, m.job.Eta) }

func (m *own[T]) step() error { return m.solver.Step() }

func (m *own[T]) save(path string) error { return writeX(path, m.solver.X()) }

// method is what serve needs of a peer that is written in Go.
type method interface {
	use(r int, variant string) error // errNo for a variant that is not for this r
	reset()
	step() error
	save(path string) error
}

// serve answers the lines of the protocol until quit.
func serve(in io.Reader, out io.Writer, about string, variants []string, m method) error {
	fmt.Fprintf(out, "variants %s\nready %s\n", strings.Join(variants, " "), about)
	used := false
	for lines := bufio.NewScanner(in); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		answer := "ok"
		var err error
		switch {
		case word == "quit":
			return nil
		case word == "use":
			number, variant, _ := strings.Cut(rest, " ")
			var r int
			if r, err = strconv.Atoi(number); err == nil {
				err = m.use(r, variant)
			}
			used = err == nil
		case !used:
			err = fmt.Errorf("expected use R VARIANT first")
		case word == "steps":
			var n int
			if n, err = strconv.Atoi(rest); err != nil {
				break
			}
			start := time.Now()
			for i := 0; i < n && err == nil; i++ {
				err = m.step()
			}
			answer = strconv.FormatFloat(time.Since(start).Seconds(), 'f', 9, 64)
		case word == "reset":
			m.reset()
		case word == "save":
			err = m.save(rest)
		default:
			err = fmt.Errorf("unknown command %s", word)
		}
		switch {
		case errors.Is(err, errNo):
			answer = "no this variant is for another r"
		case err != nil:
			answer = "error " + strings.Join(strings.Fields(err.Error()), " ")
		}
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
	}
	return nil
}
