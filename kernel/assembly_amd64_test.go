//go:build !purego

package kernel

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestRowsAreInAssembly: what a row does not bring it has in plain Go, which is right
// but slow. The rows of this processor bring everything.
func TestRowsAreInAssembly(t *testing.T) {
	for _, name := range []string{"avx2", "avx512"} {
		row, ok := compiled[name]
		if !ok {
			t.Errorf("there is no row %s", name)
			continue
		}
		if left := inGo(name, reflect.ValueOf(row)); left != nil {
			t.Errorf("in plain Go: %s", strings.Join(left, ", "))
		}
	}
	if left := inGo("generic", reflect.ValueOf(genericRow)); len(left) < 100 {
		t.Errorf("only %d kernels of the generic row are in plain Go", len(left))
	}
}

// inAssembly finds the names of generated functions.
var inAssembly = regexp.MustCompile(`AVX(2|512)F(64|32)$`)

// inGo lists the kernels below v that are not in assembly.
func inGo(path string, v reflect.Value) (left []string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			left = append(left, inGo(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			left = append(left, inGo(fmt.Sprintf("%s[%d]", path, i), v.Index(i))...)
		}
	case reflect.Func:
		if f := runtime.FuncForPC(v.Pointer()).Name(); !inAssembly.MatchString(f) {
			left = append(left, path+" ("+f+")")
		}
	}
	return left
}
