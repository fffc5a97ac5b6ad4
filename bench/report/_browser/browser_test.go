package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a browser that notes what must not happen.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	faults   []string // of the page, in the console
	requests []string // but for files
}

func chromium(t *testing.T) string {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if own := os.Getenv("CHROMIUM"); own != "" {
		names = []string{own}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("none of %s is installed: on Debian, apt-get install chromium, or set CHROMIUM to the path of a browser", strings.Join(names, ", "))
	return ""
}

func newTab(t *testing.T) *tab {
	path := chromium(t)
	profile, err := os.MkdirTemp("", "lowrank-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) })
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.WindowSize(1400, 1000),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.WSURLReadTimeout(time.Minute),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	limited, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewExecAllocator(limited, options...)
	t.Cleanup(stop)
	b := &tab{T: t}
	ctx, stop = chromedp.NewContext(ctx, chromedp.WithListener(b.event), chromedp.WithErrorf(func(string, ...any) {})) // events that the driver does not know
	t.Cleanup(stop)
	b.ctx = ctx
	call(b, network.Enable, network.EnableParams{})
	call(b, cdplog.Enable, cdp.Empty{})
	return b
}

// call runs a command of the browser.
func call[P, R any](b *tab, c cdp.Command[P, R], params P) (out R) {
	b.Helper()
	out, err := chromedp.Call(b.ctx, c, params)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func (b *tab) event(e any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := e.(type) {
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, fmt.Sprintf("exception: %s, line %d: %+v", e.ExceptionDetails.Text, e.ExceptionDetails.LineNumber, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var parts []string
			for _, a := range e.Args {
				parts = append(parts, string(a.Value)+a.Description)
			}
			b.faults = append(b.faults, fmt.Sprintf("console.%s: %s", e.Type, strings.Join(parts, " ")))
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			b.faults = append(b.faults, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
		}
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, "file://") && !strings.HasPrefix(u, "data:") {
			b.requests = append(b.requests, u)
		}
	}
}

// quiet checks that the page said nothing and asked for nothing.
func (b *tab) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.Errorf("the page said: %s", f)
	}
	for _, r := range b.requests {
		b.Errorf("the page asked for %s", r)
	}
}

func (b *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// eval sets out to what a script gives; a promise is waited for.
func (b *tab) eval(script string, out any) {
	b.Helper()
	raw, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]byte](script, chromedp.EvalAwaitPromise))
	if err == nil && out != nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		b.Fatalf("%v in %.200s", err, script)
	}
}

// until waits for a script to give true.
func (b *tab) until(script, what string) {
	b.Helper()
	for range 100 {
		var done bool
		if b.eval(script, &done); done {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("%s: not so after five seconds", what)
}

// picture writes what the window shows to the directory SCREENSHOTS.
func (b *tab) picture(name string) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), png, 0o644); err != nil {
		b.Fatal(err)
	}
}

// names are the figures whose .json is in a directory.
func names(t *testing.T, dir string) (list []string) {
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			name, _ := filepath.Rel(dir, strings.TrimSuffix(path, ".json"))
			list = append(list, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}
