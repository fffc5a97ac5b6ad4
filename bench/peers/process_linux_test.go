package peers

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// state is the letter that Linux has for a process, empty for one that is gone.
func state(pid any) string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%v/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return rest[:1]
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 200 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error(what)
}

// What a peer starts is stopped with it, goes on with it and ends with it.
func TestGroup(t *testing.T) {
	p, err := startFake(t, "child", 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	both := []any{p.cmd.Process.Pid, p.about}
	p.pause()
	for _, pid := range both {
		eventually(t, "it is not stopped", func() bool { return state(pid) == "T" })
	}
	p.resume()
	for _, pid := range both {
		eventually(t, "it does not go on", func() bool { return state(pid) != "T" })
	}
	if err := p.do(t.Context(), "use 1 plain"); err != nil {
		t.Fatal(err)
	}
	p.pause()
	p.kill() // also stopped ones
	for _, pid := range both {
		eventually(t, "it is still there", func() bool { s := state(pid); return s == "" || s == "Z" })
	}
}

func TestQuitResumes(t *testing.T) {
	p, err := startFake(t, "ok", 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	p.pause()
	p.quit()
	if p.err != nil {
		t.Errorf("a stopped peer did not quit in order: %v", p.err)
	}
}
