package peers

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The files of a run that lives stay, those of one that is gone do not.
func TestScratch(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	if runtime.GOOS == "windows" {
		t.Skip("without locks")
	}
	mine, done, err := Scratch()
	if err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(temporary, "mfbench-compare-gone")
	for _, dir := range []string{gone, filepath.Join(temporary, "other")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, lockFile), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-time.Hour)
	for _, dir := range []string{mine, gone} {
		if err := os.Chtimes(dir, long, long); err != nil {
			t.Fatal(err)
		}
	}
	_, done2, err := Scratch()
	if err != nil {
		t.Fatal(err)
	}
	if fileExists(gone) || !fileExists(mine) || !fileExists(filepath.Join(temporary, "other")) {
		t.Errorf("that of the run that is gone is there: %v; that of this run: %v", fileExists(gone), fileExists(mine))
	}
	if err := done(); err != nil || fileExists(mine) {
		t.Errorf("after the end it is there: %v", err)
	}
	if err := done2(); err != nil {
		t.Error(err)
	}
	t.Setenv("TMPDIR", filepath.Join(temporary, "none"))
	if _, _, err := Scratch(); err == nil || !strings.Contains(err.Error(), filepath.Join(temporary, "none")) {
		t.Errorf("%v", err)
	}
}
