package bench

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestVarying holds the Makefile's list of keys that benchstat ignores to the keys
// that are written.
func TestVarying(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^VARYING = (.*)$`).FindSubmatch(makefile)
	if line == nil {
		t.Fatal("the Makefile has no line VARYING")
	}
	varying := strings.Split(string(line[1]), ",")
	for _, name := range measuredKeys {
		if !slices.Contains(varying, name) {
			t.Errorf("VARYING lacks %s, which is measured", name)
		}
	}
	keys := Keys(Limits{Threads: 1})
	for _, name := range varying {
		if !slices.ContainsFunc(keys, func(k Key) bool { return k.Name == name }) {
			t.Errorf("VARYING has %s, which is no key of the results", name)
		}
	}
}
