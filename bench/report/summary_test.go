package report

import (
	"os"
	"strings"
	"testing"
)

// TestSummary: a row for each figure that is there, a name for each that is not.
func TestSummary(t *testing.T) {
	dir := t.TempDir()
	f := sample("deep/fig1")
	f.Title, f.Cost, f.Files = "eigenvalues | two starts", "3 s", []string{"deep/fig1.csv", "deep/fig1-b.csv", "deep/fig1.svg"}
	mustSave(t, dir, f)
	path, err := WriteSummary(dir, []string{"deep/fig1", "deep/fig2"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	row := "| [deep/fig1](deep/fig1.svg) | eigenvalues \\| two starts | 1 pass, **1 fail** | `mfbench reproduce deep/fig1` | 3 s | [fig1.csv](deep/fig1.csv) [fig1-b.csv](deep/fig1-b.csv) |\n"
	if s := string(b); !strings.Contains(s, row) || !strings.HasSuffix(s, "Not here:\n\n- deep/fig2\n") {
		t.Errorf("the summary is\n%s", s)
	}
}
