package memory

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// underLimit makes the test program say what is available, and take half of it.
const underLimit = "MEMORY_TEST_UNDER_LIMIT"

func TestMain(m *testing.M) {
	if os.Getenv(underLimit) == "" {
		os.Exit(m.Run())
	}
	said := Available()
	block := make([]byte, int(said/2))
	for i := 0; i < len(block); i += 1 << 20 {
		block[i] = 1
	}
	block = nil
	fmt.Printf("%.0f %.0f", said, Available())
}

// TestProcessLimits: under a limit of addresses or of data no more is said to be
// available than the limit, and half of what is said can be had. What was given
// back counts again.
func TestProcessLimits(t *testing.T) {
	if now := Available(); now < 3<<30 {
		t.Skipf("%.0f bytes are available; the limits would not be the least", now)
	}
	for _, c := range []struct {
		ulimit string
		limit  float64
	}{{"-v 3000000", 3000000 * 1024}, {"-d 1000000", 1000000 * 1024}, {"-v 3000000 -d 500000", 500000 * 1024}} {
		script := ""
		for fields := strings.Fields(c.ulimit); len(fields) > 0; fields = fields[2:] {
			script += "ulimit " + fields[0] + " " + fields[1] + "; "
		}
		child := exec.Command("/bin/sh", "-c", script+`exec "$0"`, os.Args[0])
		child.Env = append(os.Environ(), underLimit+"=1")
		out, err := child.CombinedOutput()
		var said, behind float64
		if n, _ := fmt.Sscan(string(out), &said, &behind); err != nil || n != 2 {
			t.Errorf("ulimit %s: %v: %.300s", c.ulimit, err, out)
			continue
		}
		if said > c.limit || said < c.limit/10 || behind > c.limit || behind < said/3 {
			t.Errorf("ulimit %s: %.0f bytes are said to be available, %.0f with half of it given back", c.ulimit, said, behind)
		}
	}
}
