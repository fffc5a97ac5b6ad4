package memory

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAvailable(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name  string
		files map[string]string
		want  float64
	}{
		{"nothing known", nil, 0},
		{"machine alone", map[string]string{"proc/meminfo": "MemTotal: 4096 kB\nMemAvailable:    2048 kB\n"}, 2 * mib},
		{"no limit", map[string]string{
			"proc/meminfo": "MemAvailable: 2048 kB\n", "proc/self/cgroup": "0::/a\n",
			"sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.current": "1\n",
		}, 2 * mib},
		{"the group that holds ours", map[string]string{
			"proc/meminfo": "MemAvailable: 20480 kB\n", "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/memory.current": "1\n",
			"sys/fs/cgroup/a/memory.max": "8388608\n", "sys/fs/cgroup/a/memory.current": "6291456\n",
			"sys/fs/cgroup/a/memory.stat": "anon 5242880\ninactive_file 1048576\n",
		}, 3 * mib},
		{"a container of version 1", map[string]string{
			"proc/meminfo": "MemAvailable: 20480 kB\n", "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/docker/1\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "4194304\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "3145728\n",
		}, mib},
		{"used up", map[string]string{
			"proc/self/cgroup":         "0::/\n",
			"sys/fs/cgroup/memory.max": "1048576\n", "sys/fs/cgroup/memory.current": "2097152\n",
		}, 1},
		{"nonsense", map[string]string{"proc/meminfo": "MemAvailable: much\n", "proc/self/cgroup": "0\n\n:::\n"}, 0},
	} {
		root := t.TempDir()
		for name, text := range c.files {
			file := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := availableUnder(root); got != c.want {
			t.Errorf("%s: %g bytes, want %g", c.name, got, c.want)
		}
	}
	if Available() <= 0 {
		t.Error("this machine has no memory available")
	}
}
