package peers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lowrank/bench"
)

func TestMemoryNodes(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"online", "node0", "node1", "node12", "nodes"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		want := max(0, min(i, 3))
		if got := memoryNodes(dir); got != want {
			t.Errorf("%d nodes after %s; want %d", got, name, want)
		}
	}
	if n := memoryNodes(filepath.Join(dir, "missing")); n != 0 {
		t.Errorf("%d nodes in no directory", n)
	}
	cell := &Cell{D: 10, R: 1, Rounds: 1, Nodes: 2, Rows: []*Row{{Peer: Base, Milliseconds: []float64{1}}}}
	res := Result{Config: Config{D: []int{10}, R: []int{1}, Rounds: 1}, Cells: []*Cell{cell}}
	for _, nodes := range []int{1, 2} {
		cell.Nodes = nodes
		var out strings.Builder
		if err := cell.Print(&out); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{out.String(), string(res.Markdown(bench.Machine{}))} {
			if got := strings.Count(text, "numactl --interleave=all"); got != nodes-1 {
				t.Errorf("%d nodes, %d notes:\n%s", nodes, got, text)
			}
		}
	}
}
