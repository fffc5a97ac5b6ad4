package kernel

import (
	"slices"
	"strings"
	"testing"
)

func TestRunnable(t *testing.T) {
	for _, c := range []struct {
		cpu  CPU
		want []string
	}{
		{CPU{Arch: "amd64"}, []string{"generic"}},
		{CPU{Arch: "amd64", AVX2FMA: true}, []string{"avx2", "generic"}},
		{CPU{Arch: "amd64", AVX2FMA: true, AVX512: true}, []string{"avx512", "avx2", "generic"}},
		{CPU{Arch: "amd64", AVX512: true}, []string{"generic"}}, // the operating system hides FMA
		{CPU{Arch: "386", AVX2FMA: true}, []string{"generic"}},
		{CPU{Arch: "arm64", NEON: true}, []string{"neon", "generic"}},
		{CPU{Arch: "riscv64"}, []string{"generic"}},
		{CPU{}, []string{"generic"}},
	} {
		if got := Runnable(c.cpu); !slices.Equal(got, c.want) {
			t.Errorf("%+v runs %v, want %v", c.cpu, got, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	defer func(saved map[string]Row) { compiled = saved }(compiled)
	compiled = map[string]Row{"generic": {Name: "generic"}, "avx2": {Name: "avx2"}, "neon": {Name: "neon"}}
	new512 := CPU{Arch: "amd64", AVX2FMA: true, AVX512: true}
	old := CPU{Arch: "amd64"}
	arm := CPU{Arch: "arm64", NEON: true}
	for _, c := range []struct {
		cpu         CPU
		force, want string
		err         string
	}{
		{new512, "", "avx2", ""}, // avx512 is not compiled in
		{old, "", "generic", ""},
		{arm, "", "neon", ""},
		{new512, "generic", "generic", ""},
		{new512, "avx512", "", "MF_KERNEL=avx512: this build has no avx512 kernels; it has avx2, neon, generic"},
		{old, "avx2", "", "MF_KERNEL=avx2: this processor does not run avx2; it runs generic"},
		{new512, "sse", "", `MF_KERNEL="sse": unknown row; expected one of avx2, neon, generic`},
	} {
		row, err := Choose(c.cpu, c.force)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%+v forced to %q: error %v, want %s", c.cpu, c.force, err, c.err)
			}
			continue
		}
		if err != nil || row.Name != c.want {
			t.Errorf("%+v forced to %q: %s, %v; want %s", c.cpu, c.force, row.Name, err, c.want)
		}
	}
}

// A row whose name is not in the list would never be picked.
func TestCompiledRowsAreListed(t *testing.T) {
	if names := Compiled(); len(names) != len(compiled) {
		t.Errorf("of %d compiled rows only %v are in the list of rows", len(compiled), names)
	}
	for name, row := range compiled {
		if row.Name != name {
			t.Errorf("row %s calls itself %s", name, row.Name)
		}
	}
}

func TestPick(t *testing.T) {
	table := []Backend{{Name: "fast", HowToBuild: "build with -tags fast"}, {Name: "ours"}, {Name: "slow"}}
	for _, c := range []struct{ name, want, err string }{
		{"", "ours", ""},
		{"slow", "slow", ""},
		{"fast", "", "--backend is not compiled in; build with -tags fast"},
		{"none", "", "--backend is unknown; expected one of fast, ours, slow"},
	} {
		b, err := pick(table, c.name, "--backend")
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%q: error %v, want %s", c.name, err, c.err)
			}
		} else if err != nil || b.Name != c.want {
			t.Errorf("%q: %s, %v; want %s", c.name, b.Name, err, c.want)
		}
	}
	if _, err := pick(nil, "", ""); err == nil || !strings.Contains(err.Error(), "no backend") {
		t.Errorf("an empty table gives %v", err)
	}
}

func TestDetectIsSane(t *testing.T) {
	c := Detect()
	if c.Arch == "" || c.Cores < 1 {
		t.Errorf("%+v", c)
	}
	if _, err := Choose(c, ""); err != nil {
		t.Error(err)
	}
}
