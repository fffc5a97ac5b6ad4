package peers

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A peer is started with the arguments
//
//	DIR D ETA DTYPE THREADS
//
// where DIR holds Σ, D×D, as sigma.bin, and starts X_0 with R columns as x0-R.bin:
// row-major elements of DTYPE, f64 or f32, little-endian. When it has loaded Σ it
// prints
//
//	variants NAME…        ways to make the iteration, all in this process
//	library PATH          file of the BLAS, where that is known
//	ready TEXT            library, version, core, threads
//
// and answers each line on stdin with one on stdout:
//
//	use R VARIANT         X ← X_0, R columns    → ok, or no REASON: not for this R
//	steps N               N iterations          → seconds that they took
//	reset                 X ← X_0               → ok
//	save FILE             writes X, row-major   → ok
//	quit                  ends                  → nothing
//
// error TEXT, for any of them, says what failed.
type process struct {
	name     string
	about    string
	library  string
	variants []string

	cmd     *exec.Cmd
	stdin   io.WriteCloser
	lines   chan string
	gone    chan struct{} // closed when it has ended
	err     error         // of its end; read after gone
	said    *tail         // on stderr
	timeout time.Duration
	stopped bool
}

// errNo is the answer of a variant that is not for this r.
var errNo = errors.New("not for this r")

// timeoutError is the end of a peer that did not answer.
type timeoutError struct {
	asked string
	after time.Duration
}

func (e timeoutError) Error() string {
	return fmt.Sprintf("gave no answer to %q within %v", e.asked, e.after)
}

// begin starts a peer and waits until it is ready.
func begin(ctx context.Context, name string, argv, env []string, timeout time.Duration) (*process, error) {
	p := &process{name: name, cmd: exec.Command(argv[0], argv[1:]...), lines: make(chan string), gone: make(chan struct{}), said: &tail{}, timeout: timeout}
	p.cmd.Env, p.cmd.Stderr = env, p.said
	p.cmd.WaitDelay = time.Second // where something that it started holds stderr open
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := startBound(p.cmd); err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", name, err)
	}
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			p.lines <- lines.Text()
		}
		close(p.lines)
		killGroup(p.cmd.Process) // it has ended, or closed stdout and is of no use
		p.err = p.cmd.Wait()
		close(p.gone)
	}()
	for p.about == "" {
		line, err := p.answer(ctx, "start")
		if err != nil {
			p.kill()
			return nil, err
		}
		switch word, rest, _ := strings.Cut(line, " "); word {
		case "variants":
			p.variants = strings.Fields(rest)
		case "library":
			p.library = rest
		case "ready":
			p.about = rest
		default:
			p.kill()
			return nil, fmt.Errorf("%s printed %q when it started; expected variants and ready", name, line)
		}
	}
	if len(p.variants) == 0 {
		p.kill()
		return nil, fmt.Errorf("%s names no variants; expected at least one", name)
	}
	return p, nil
}

// answer waits for the next line.
func (p *process) answer(ctx context.Context, asked string) (string, error) {
	timer := time.NewTimer(p.timeout)
	defer timer.Stop()
	select {
	case line, ok := <-p.lines:
		if !ok {
			return "", p.ended()
		}
		if text, isError := strings.CutPrefix(line, "error "); isError {
			return "", fmt.Errorf("%s: %s", p.name, text)
		}
		return line, nil
	case <-timer.C:
		p.kill()
		return "", fmt.Errorf("%s %w", p.name, timeoutError{asked, p.timeout})
	case <-ctx.Done():
		p.kill()
		return "", ctx.Err()
	}
}

// ended says why a process ended, with the last line it wrote to stderr.
func (p *process) ended() error {
	<-p.gone
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	if line := p.said.last(); line != "" {
		return fmt.Errorf("%s ended (%s): %s", p.name, how, line)
	}
	return fmt.Errorf("%s ended (%s)", p.name, how)
}

// ask sends a line and waits for its answer.
func (p *process) ask(ctx context.Context, format string, args ...any) (string, error) {
	line := fmt.Sprintf(format, args...)
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		p.kill()
		return "", p.ended()
	}
	return p.answer(ctx, line)
}

// do sends a line whose answer is ok.
func (p *process) do(ctx context.Context, format string, args ...any) error {
	answer, err := p.ask(ctx, format, args...)
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(answer, "no "):
		return fmt.Errorf("%s: %s: %w", p.name, answer[3:], errNo)
	case answer != "ok":
		return fmt.Errorf("%s answered %q to %q; expected ok", p.name, answer, fmt.Sprintf(format, args...))
	}
	return nil
}

// steps makes n iterations and returns the seconds that one took.
func (p *process) steps(ctx context.Context, n int) (float64, error) {
	answer, err := p.ask(ctx, "steps %d", n)
	if err != nil {
		return 0, err
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(answer), 64)
	if err != nil || !(seconds >= 0) || math.IsInf(seconds, 0) {
		return 0, fmt.Errorf("%s answered %q to %q; expected a number of seconds", p.name, answer, fmt.Sprintf("steps %d", n))
	}
	return max(seconds, 1e-9) / float64(n), nil
}

// pause stops the process and all that it started, resume lets them go on.
// Where the system cannot they do nothing, and the process waits for a line.
func (p *process) pause() {
	if !p.stopped {
		p.stopped = pauseGroup(p.cmd.Process)
	}
}

func (p *process) resume() {
	if p.stopped {
		resumeGroup(p.cmd.Process)
		p.stopped = false
	}
}

// quit ends the process in order, or at once if it does not.
func (p *process) quit() {
	if p == nil {
		return
	}
	p.resume()
	_, _ = io.WriteString(p.stdin, "quit\n") // it may be gone
	select {
	case <-p.drained():
		<-p.gone
	case <-time.After(2 * time.Second):
	}
	p.kill()
}

// kill ends the process and all that it started, and waits for it.
func (p *process) kill() {
	select {
	case <-p.gone: // its number may be another's now
	default:
		killGroup(p.cmd.Process)
	}
	<-p.drained()
	<-p.gone
	p.stdin.Close()
}

// drained is closed when nothing more comes from stdout.
func (p *process) drained() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		for range p.lines {
		}
		close(done)
	}()
	return done
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - 1<<16; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(b), nil
}

// last is the last line that is not empty.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.text), []byte("\n"))
	return strings.TrimSpace(string(lines[len(lines)-1]))
}

// find is the first line with a word.
func (t *tail) find(word string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(string(t.text)) {
		if strings.Contains(line, word) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
