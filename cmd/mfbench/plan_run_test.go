//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupt: Ctrl-C, which a terminal sends to a whole group, ends the run of plan
// --run in order, once: its checkpoint and its result are there. A run that is killed
// has said nothing, and plan does.
func TestInterrupt(t *testing.T) {
	for name, c := range map[string]struct {
		send func(plan int, dir string) error
		want string
	}{
		"an interrupt of the group": {func(plan int, _ string) error { return syscall.Kill(-plan, syscall.SIGINT) }, "cancelled after"},
		"a kill of the run":         {func(plan int, dir string) error { return killChild(plan) }, "the run was ended: signal: killed"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0], "-test.run=^TestProgram$", "--", "plan", "symmetric", "--generate", "fig1", "--d", "50", "--rank", "2",
				"--step", "1e-3", "--iters", "1000000000", "--checkpoint", "cp", "--checkpoint-every", "100", "--save-x", "x.npy", "--quiet", "--json", "--run")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "MFBENCH_AS_PROGRAM=yes")
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for range 3000 { // a second checkpoint, the first being of X_0: iterations have been made
				if _, err := os.Stat(filepath.Join(dir, "cp.previous")); err == nil {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			if err := c.send(cmd.Process.Pid, dir); err != nil {
				t.Error(err)
			}
			_ = cmd.Wait() // it fails, with the code that is looked at
			if code := cmd.ProcessState.ExitCode(); code != 1 || strings.Count(errs.String(), c.want) != 1 || strings.Count(errs.String(), "\n") != 1 {
				t.Errorf("exit %d, %q; want exit 1 and %q", code, errs.String(), c.want)
			}
			if o := lastJSON(t, out.String()); c.want == "cancelled after" {
				if o["run_status"] != "cancelled" || !(o["run_iterations"].(float64) > 0) {
					t.Errorf("%v", o)
				}
				if _, err := os.Stat(filepath.Join(dir, "x.npy")); err != nil {
					t.Error("the run saved nothing:", err)
				}
			}
		})
	}
}

// killChild kills the process that another has started.
func killChild(parent int) error {
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(out)) {
		var pid, of int
		if n, _ := fmt.Sscan(line, &pid, &of); n == 2 && of == parent {
			return syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return fmt.Errorf("process %d has no child", parent)
}
