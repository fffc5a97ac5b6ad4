package peers

import (
	"fmt"
	"path/filepath"
)

// nodesDir is where Linux lists the nodes of memory; other systems have no such
// directory.
const nodesDir = "/sys/devices/system/node"

// memoryNodes is the number of nodes of memory that a directory lists.
func memoryNodes(dir string) int {
	nodes, _ := filepath.Glob(filepath.Join(dir, "node[0-9]*")) // the only error is a bad pattern
	return len(nodes)
}

// nodesNote says what several nodes mean for the numbers.
func nodesNote(nodes int) string {
	if nodes < 2 {
		return ""
	}
	return fmt.Sprintf("%d nodes of memory: the Σ of a peer lies on that of the thread that read it; "+
		"numactl --interleave=all mfbench compare … spreads every one over all", nodes)
}
