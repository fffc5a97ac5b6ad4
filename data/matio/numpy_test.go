package matio

import (
	"math"
	"os/exec"
	"strings"
	"testing"
)

// runNumPy runs a script in the current directory and skips the test where
// there is no NumPy.
func runNumPy(t *testing.T, script string) string {
	t.Helper()
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(python, "-c", "import numpy").Run() != nil {
			continue
		}
		out, err := exec.Command(python, "-c", "import numpy as np\n"+script).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	t.Skip("no python3 that can import numpy")
	return ""
}

func TestNumPyReadsOurs(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, err := range []error{
		WriteNPY("matrix.npy", []int{3, 4}, ramp[float64](12)),
		WriteNPY("vector.npy", []int{5}, ramp[float32](5)),
		WriteNPY("scalar.npy", nil, []float64{7}),
		WriteNPY("empty.npy", []int{0, 5}, []float32{}),
		WriteNPZ("all.npz", map[string]Member{
			"b": NewMember([]int{2, 2, 2}, ramp[float32](8)),
			"a": NewMember([]int{3}, ramp[float64](3)),
		}),
		WriteCSV("trace.csv", []string{"n", "loss"}, [][]float64{{1000000, 0.1}, {2, math.NaN()}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := runNumPy(t, `
for name in ["matrix", "vector", "scalar", "empty"]:
    a = np.load(name + ".npy", allow_pickle=False)
    print(name, a.dtype.str, a.shape, a.ravel().tolist())
a = np.load("matrix.npy", mmap_mode="r")
print("mapped", a.flags.aligned, a.offset % 64)
z = np.load("all.npz", allow_pickle=False)
for name in z.files:
    print(name, z[name].dtype.str, z[name].shape, z[name].ravel().tolist())
c = np.genfromtxt("trace.csv", delimiter=",", names=True)
print(c.dtype.names, c["n"].tolist(), c["loss"].tolist())
`)
	want := `matrix <f8 (3, 4) [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5]
vector <f4 (5,) [0.5, 1.5, 2.5, 3.5, 4.5]
scalar <f8 () [7.0]
empty <f4 (0, 5) []
mapped True 0
a <f8 (3,) [0.5, 1.5, 2.5]
b <f4 (2, 2, 2) [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]
('n', 'loss') [1000000.0, 2.0] [0.1, nan]`
	if got != want {
		t.Errorf("NumPy reads\n%s\nwant\n%s", got, want)
	}
}

func TestWeReadNumPys(t *testing.T) {
	t.Chdir(t.TempDir())
	runNumPy(t, `
def ramp(*shape):
    return (np.arange(np.prod(shape, dtype=int)) + 0.5).reshape(shape)
np.save("c8.npy", ramp(30, 70))
np.save("f8.npy", np.asfortranarray(ramp(30, 70)))
np.save("f4.npy", np.asfortranarray(ramp(5, 6, 7)).astype("<f4"))
np.save("scalar.npy", np.float64(0.5))
np.save("empty.npy", np.zeros((0, 5)))
np.save("large.npy", np.asfortranarray(ramp(400, 500)))
for version in [(1, 0), (2, 0), (3, 0)]:
    with open("v%d.npy" % version[0], "wb") as f:
        np.lib.format.write_array(f, ramp(4, 3), version=version)
np.savez("stored.npz", a=ramp(3), b=ramp(2, 2).astype("<f4"))
np.savez_compressed("deflated.npz", a=np.asfortranarray(ramp(90, 80)))
np.save("big.npy", ramp(3).astype(">f8"))
np.save("integers.npy", np.arange(3))
np.save("objects.npy", np.array([None]), allow_pickle=True)
np.save("records.npy", np.zeros(2, dtype=[("a", "<f8")]))
`)
	for _, c := range []struct {
		path    string
		dtype   DType
		fortran bool
		shape   []int
	}{
		{"c8.npy", F8, false, []int{30, 70}}, {"f8.npy", F8, true, []int{30, 70}},
		{"f4.npy", F4, true, []int{5, 6, 7}}, {"scalar.npy", F8, false, nil},
		{"empty.npy", F8, false, []int{0, 5}}, {"large.npy", F8, true, []int{400, 500}},
		{"v1.npy", F8, false, []int{4, 3}}, {"v2.npy", F8, false, []int{4, 3}}, {"v3.npy", F8, false, []int{4, 3}},
	} {
		a := opened(t, c.path)
		if a.DType() != c.dtype || a.fortran != c.fortran || tuple(a.Shape()) != tuple(c.shape) {
			t.Errorf("%s: %v, Fortran %v, shape %v", c.path, a.DType(), a.fortran, a.Shape())
		}
		checkReads[float64](t, a, c.shape, ramp[float64](product(c.shape)))
	}
	for path, shapes := range map[string]map[string][]int{
		"stored.npz":   {"a": {3}, "b": {2, 2}},
		"deflated.npz": {"a": {90, 80}},
	} {
		z, err := OpenNPZ(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, shape := range shapes {
			a, err := z.Array(name)
			if err != nil {
				t.Fatal(err)
			}
			checkReads[float32](t, a, shape, ramp[float32](product(shape)))
		}
		z.Close()
	}
	for path, want := range map[string]string{
		"big.npy":      `big.npy: the element type is ">f8"; "<f4" or "<f8" was expected, so save it with astype("<f8")`,
		"integers.npy": `integers.npy: the element type is "<i8"; "<f4" or "<f8" was expected, so save it with astype("<f8")`,
		"objects.npy":  `objects.npy: the element type is "|O"; "<f4" or "<f8" was expected`,
		"records.npy":  `records.npy: the elements are of a structured type; "<f4" or "<f8" was expected`,
	} {
		_, err := Open(path)
		wantSentence(t, err, want)
	}
}
