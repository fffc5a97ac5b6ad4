package bench

import (
	"runtime"

	"lowrank/blas"
	"lowrank/kernel"
)

// Version of this module.
const Version = "0.1.0"

// Machine is what a result depends on beside its parameters; it is saved
// beside every result.
type Machine struct {
	Version string `toml:"version" comment:"of lowrank"`
	Go      string `toml:"go"`
	OS      string `toml:"os"`
	Arch    string `toml:"arch"`
	CPU     string `toml:"cpu"`
	Cores   int    `toml:"cores"`
	Backend string `toml:"backend"`
	Kernel  string `toml:"kernel" comment:"instruction-set row of the native kernels"`
	Threads int    `toml:"threads"`
}

// ThisMachine describes the machine and the backend of a run.
func ThisMachine(b *blas.Backend) Machine {
	cpu := kernel.Detect()
	return Machine{
		Version: Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPU: cpu.Name, Cores: cpu.Cores, Backend: b.Name, Kernel: RowName(b), Threads: b.Threads,
	}
}

// RowName is the instruction-set row that a backend's kernels come from:
// native's own row, the core that OpenBLAS chose, gonum's name.
func RowName(b *blas.Backend) string {
	if b.Name != "native" {
		for _, f := range b.Facts() {
			if f.Name == "core" {
				return f.Value
			}
		}
		return b.Name
	}
	row, _ := kernel.Active()
	return row.Name
}
