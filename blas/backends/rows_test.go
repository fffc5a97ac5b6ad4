package backends_test

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"

	"lowrank/kernel"
)

// inRow is set in the processes that TestEveryRow starts.
const inRow = "MF_TEST_ROW"

// TestRowInUse: the other tests are about the row that was asked for.
func TestRowInUse(t *testing.T) {
	row, err := kernel.Active()
	if err != nil {
		t.Fatal(err)
	}
	if want := os.Getenv(inRow); want != "" && row.Name != want {
		t.Fatalf("the row is %s, want %s", row.Name, want)
	}
}

// TestEveryRow runs the battery on native with the other rows that this
// processor has: a process keeps the row that it chose first.
func TestEveryRow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as the battery for each row")
	}
	if os.Getenv(inRow) != "" {
		t.Skip("started by this test")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	active, _ := kernel.Active()
	runs := kernel.Runnable(kernel.Detect())
	for _, row := range kernel.Compiled() {
		if row == active.Name || !slices.Contains(runs, row) {
			continue
		}
		t.Run(row, func(t *testing.T) {
			cmd := exec.Command(self, "-test.run", "^TestRowInUse$|^TestBattery$/^native$|^Fuzz")
			cmd.Env = append(os.Environ(), "MF_KERNEL="+row, inRow+"="+row)
			out, err := cmd.CombinedOutput()
			if errors.Is(err, syscall.ENOEXEC) {
				t.Skip("an emulator runs this test, and the system does not start it by itself")
			}
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
