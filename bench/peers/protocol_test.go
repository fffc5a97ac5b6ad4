package peers

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func startFake(t *testing.T, kind string, timeout time.Duration) (*process, error) {
	t.Helper()
	job := Job{problemDir(t, "f64", 12, 1, 3), 12, eta, "f64", 1}
	argv := append([]string{os.Args[0], "fake-peer", kind}, job.args()...)
	p, err := begin(t.Context(), "fake", argv, Setting{Threads: 1}.environment(), timeout)
	if err == nil {
		t.Cleanup(p.quit)
	}
	return p, err
}

func TestProtocol(t *testing.T) {
	p, err := startFake(t, "ways", 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if p.about != "Fake 1.0, threads=1" || strings.Join(p.variants, " ") != "slow fast single" {
		t.Errorf("about %q, variants %q", p.about, p.variants)
	}
	ctx := t.Context()
	if err := p.do(ctx, "use 3 single"); !errors.Is(err, errNo) {
		t.Errorf("a variant that is not for this r: %v", err)
	}
	if _, err := p.steps(ctx, 1); err == nil || !strings.Contains(err.Error(), "expected use R VARIANT first") {
		t.Errorf("steps without use: %v", err)
	}
	dir := t.TempDir()
	save := func(name string) []byte {
		t.Helper()
		path := filepath.Join(dir, name+" with a space")
		if err := p.do(ctx, "save %s", path); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if err := p.do(ctx, "use 3 fast"); err != nil {
		t.Fatal(err)
	}
	start := save("start")
	if seconds, err := p.steps(ctx, 4); err != nil || seconds < 500e-6 {
		t.Errorf("a step that sleeps 500 µs took %g s, %v", seconds, err)
	}
	if moved := save("moved"); bytes.Equal(start, moved) {
		t.Error("X has not moved after 4 steps")
	}
	if err := p.do(ctx, "reset"); err != nil {
		t.Fatal(err)
	}
	if again := save("again"); !bytes.Equal(start, again) {
		t.Error("X is not X_0 after reset")
	}
	if _, err := p.ask(ctx, "dance"); err == nil || !strings.Contains(err.Error(), "unknown command dance") {
		t.Errorf("an unknown command: %v", err)
	}
	p.quit()
	if p.err != nil {
		t.Errorf("after quit the process ended with %v", p.err)
	}
	if err := p.do(ctx, "reset"); err == nil || !strings.Contains(err.Error(), "fake ended") {
		t.Errorf("after its end: %v", err)
	}
}

func TestPeersThatFail(t *testing.T) {
	const short = 400 * time.Millisecond
	for _, c := range []struct {
		kind    string
		timeout time.Duration
		want    string
	}{
		{"crash at start", 20 * time.Second, "fake ended (exit status 1): no module named fake"},
		{"garbage at start", 20 * time.Second, `fake printed "Welcome" when it started; expected variants and ready`},
		{"no variants", 20 * time.Second, "fake names no variants; expected at least one"},
		{"error at start", 20 * time.Second, "fake: cannot load libfake.so"},
		{"silent", short, `fake gave no answer to "start" within 400ms`},
		{"flood", 20 * time.Second, "fake ended (signal: killed)"},
		{"closed", 20 * time.Second, "fake ended (signal: killed)"},
		{"crash", 20 * time.Second, "fake ended (exit status 3): last words"},
		{"error", 20 * time.Second, "fake: diverged at once"},
		{"garbage", 20 * time.Second, `fake answered "banana" to "steps 2"; expected a number of seconds`},
	} {
		t.Run(c.kind, func(t *testing.T) {
			p, err := startFake(t, c.kind, c.timeout)
			if err == nil {
				if err = p.do(t.Context(), "use 1 plain"); err == nil {
					_, err = p.steps(t.Context(), 2)
				}
			}
			if err == nil || err.Error() != c.want {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// A peer that hangs is ended when its time is over, and when the run is.
func TestPeerThatHangs(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		p, err := startFake(t, "hang", 20*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.do(t.Context(), "use 1 plain"); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		if cancel {
			time.AfterFunc(100*time.Millisecond, stop)
		} else {
			p.timeout = 100 * time.Millisecond
		}
		_, err = p.steps(ctx, 1)
		var slow timeoutError
		if cancel && !errors.Is(err, context.Canceled) || !cancel && !errors.As(err, &slow) {
			t.Errorf("cancelled %v: %v", cancel, err)
		}
		select {
		case <-p.gone:
		default:
			t.Errorf("cancelled %v: the process is still there", cancel)
		}
	}
}

func TestParseJob(t *testing.T) {
	if job, err := ParseJob(strings.Fields("dir 8 0.1 f32 2")); err != nil || job != (Job{"dir", 8, 0.1, "f32", 2}) {
		t.Errorf("%+v, %v", job, err)
	}
	for _, args := range []string{"", "dir 8 0.1 f32", "dir 0 0.1 f64 1", "dir x 0.1 f64 1", "dir 8 -1 f64 1", "dir 8 nan f64 1", "dir 8 0.1 f16 1", "dir 8 0.1 f64 0", "dir 8 0.1 f64 1 more"} {
		if _, err := ParseJob(strings.Fields(args)); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}

func TestOutOfRangeProblemFiles(t *testing.T) {
	dir := problemDir(t, "f64", 12, 2)
	job := Job{dir, 13, eta, "f64", 1}
	argv := append([]string{os.Args[0], "fake-peer", "native"}, job.args()...)
	if _, err := begin(t.Context(), "native", argv, nil, 20*time.Second); err == nil || !strings.Contains(err.Error(), "is not a matrix of order 13 in f64") {
		t.Errorf("Σ of another order: %v", err)
	}
	if _, err := readX[float64](startFile(dir, 2), 12, 3); err == nil || !strings.Contains(err.Error(), "expected 288, a 12×3 matrix") {
		t.Errorf("X_0 of another shape: %v", err)
	}
}
