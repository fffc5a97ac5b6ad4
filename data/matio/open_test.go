package matio

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// canMap tells whether mapFile works on this system.
var canMap = slices.Contains([]string{"aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "linux", "netbsd", "openbsd", "solaris"}, runtime.GOOS)

// damaged are files that Open refuses, with what it says after "x.npy: ".
var damaged = []struct {
	name string
	data []byte
	want string
}{
	{"empty", nil,
		`the file is empty; a .npy file was expected`},
	{"text", []byte("1.0 2.0\n"),
		`the file does not begin with the magic string of NumPy; a .npy file was expected`},
	{"short text", []byte("1\n"),
		`the file does not begin with the magic string of NumPy; a .npy file was expected`},
	{"zip", []byte("PK\x03\x04rest"),
		`the file is a zip archive, perhaps a .npz file; a .npy file was expected`},
	{"part of the magic", []byte("\x93NUM"),
		`the file ends inside the header; a complete .npy file was expected`},
	{"no version", []byte(magic),
		`the file ends inside the header; a complete .npy file was expected`},
	{"no length", []byte(magic + "\x01\x00\x10"),
		`the file ends inside the header; a complete .npy file was expected`},
	{"half a length, version 2", []byte(magic + "\x02\x00\x10\x00"),
		`the file ends inside the header; a complete .npy file was expected`},
	{"version 4", []byte(magic + "\x04\x00\x00\x00\x00\x00"),
		`the format version is 4.0; 1.0, 2.0 or 3.0 was expected`},
	{"version 0", []byte(magic + "\x00\x00\x00\x00"),
		`the format version is 0.0; 1.0, 2.0 or 3.0 was expected`},
	{"version 1.1", []byte(magic + "\x01\x01\x00\x00"),
		`the format version is 1.1; 1.0, 2.0 or 3.0 was expected`},
	{"header cut off", npy(1, dict("<f8", false, "(2,)"))[:30],
		`the header is declared to be 58 bytes long but only 20 bytes follow; a complete .npy file was expected`},
	{"header of 4 GB", []byte(magic + "\x02\x00\xff\xff\xff\xff{}"),
		`the header is declared to be 4294967295 bytes long but only 2 bytes follow; a complete .npy file was expected`},
	{"header over the limit", npy(2, strings.Repeat(" ", maxHeader+1)),
		`the header is declared to be 1048577 bytes long; at most 1048576 bytes were expected`},
	{"header empty", npy(1, ""),
		`the header ends at byte 0; a Python dictionary was expected`},
	{"header a list", npy(1, "[1, 2]"),
		`the header has "[" at byte 0; a Python dictionary was expected`},
	{"dictionary not closed", npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)", 1.0),
		`the header ends at byte 54; "," or "}" was expected`},
	{"key not quoted", npy(1, "{descr: '<f8'}"),
		`the header has "d" at byte 1; a key in quotes was expected`},
	{"key not closed", npy(1, "{'descr"),
		`the header ends at byte 7; a closing quote was expected`},
	{"escape", npy(1, `{'de\x73cr': '<f8'}`),
		`the header has "\\" at byte 4; a string without escapes was expected`},
	{"no colon", npy(1, "{'descr', '<f8'}"),
		`the header has "," at byte 8; ":" was expected`},
	{"no comma", npy(1, "{'descr': '<f8' 'shape': ()}"),
		`the header has "'" at byte 16; "," or "}" was expected`},
	{"text after the dictionary", npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': ()} 1", 1.0),
		`the header has "1" at byte 54; only white space after the dictionary was expected`},
	{"unknown key", npy(1, "{'descr': '<f8', 'order': 'C'}"),
		`the header has the key "order"; only "descr", "fortran_order" and "shape" were expected`},
	{"long unknown key", npy(1, "{'"+strings.Repeat("k", 50)+"\n': 1}"),
		`the header has the key "` + strings.Repeat("k", 40) + `"…; only "descr", "fortran_order" and "shape" were expected`},
	{"duplicate key", npy(1, "{'descr': '<f8', 'descr': '<f8'}"),
		`the header has the key "descr" twice; each key once was expected`},
	{"no shape", npy(1, "{'descr': '<f8', 'fortran_order': False}"),
		`the header has no key "shape"; "descr", "fortran_order" and "shape" were expected`},
	{"no keys", npy(1, "{}"),
		`the header has no key "descr"; "descr", "fortran_order" and "shape" were expected`},
	{"big-endian", npy(1, dict(">f8", false, "(1,)"), 1.0),
		`the element type is ">f8"; "<f4" or "<f8" was expected, so save it with astype("<f8")`},
	{"integers", npy(1, dict("<i8", false, "(1,)"), int64(1)),
		`the element type is "<i8"; "<f4" or "<f8" was expected, so save it with astype("<f8")`},
	{"native order", npy(1, dict("=f8", false, "(1,)"), 1.0),
		`the element type is "=f8"; "<f4" or "<f8" was expected, so save it with astype("<f8")`},
	{"complex", npy(1, dict("<c16", false, "(1,)"), 1.0, 1.0),
		`the element type is "<c16"; "<f4" or "<f8" was expected`},
	{"objects", npy(1, dict("|O", false, "(1,)"), 1.0),
		`the element type is "|O"; "<f4" or "<f8" was expected`},
	{"structured", npy(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", 1.0),
		`the elements are of a structured type; "<f4" or "<f8" was expected`},
	{"order a number", npy(1, "{'fortran_order': 0}"),
		`the header has "0" at byte 18; True or False was expected`},
	{"order with a tail", npy(1, "{'fortran_order': Falsehood}"),
		`the header has "h" at byte 23; "," or "}" was expected`},
	{"shape a number", npy(1, dict("<f8", false, "3"), 1.0),
		`the header has "3" at byte 50; a tuple of dimensions was expected`},
	{"shape in parentheses", npy(1, dict("<f8", false, "(1)"), 1.0),
		`the header has ")" at byte 52; "," was expected`},
	{"shape of a comma", npy(1, dict("<f8", false, "(,)"), 1.0),
		`the header has "," at byte 51; a dimension was expected`},
	{"shape without commas", npy(1, dict("<f8", false, "(1, 2 3)"), 1.0),
		`the header has "3" at byte 56; "," or ")" was expected`},
	{"negative dimension", npy(1, dict("<f8", false, "(-1,)"), 1.0),
		`the header has "-" at byte 51; a dimension was expected`},
	{"octal dimension", npy(1, dict("<f8", false, "(010,)"), 1.0),
		`the header has the dimension "010"; a number without leading zeros was expected`},
	{"dimension over an int", npy(1, dict("<f8", false, "(99999999999999999999,)"), 1.0),
		fmt.Sprintf(`the header has the dimension "99999999999999999999"; at most %d was expected`, math.MaxInt)},
	{"product over an int", npy(1, dict("<f8", false, "(2147483647, 2147483647, 4)"), 1.0),
		fmt.Sprintf(`the shape (2147483647, 2147483647, 4) asks for more than %d bytes; an array that can be addressed was expected`, math.MaxInt)},
	{"product that wraps to 0", npy(1, dict("<f8", false, "(1073741824, 1073741824, 16)"), 1.0),
		fmt.Sprintf(`the shape (1073741824, 1073741824, 16) asks for more than %d bytes; an array that can be addressed was expected`, math.MaxInt)},
	{"truncated", npy(1, dict("<f8", false, "(2, 3)"), ramp[float64](5)),
		`the header asks for 48 bytes of elements but the file holds 40; the two must agree`},
	{"truncated inside an element", npy(1, dict("<f4", true, "(2,)"), ramp[float32](2))[:70],
		`the header asks for 8 bytes of elements but the file holds 3; the two must agree`},
	{"garbage at the end", npy(1, dict("<f4", false, "(2,)"), ramp[float32](2), byte(0)),
		`the header asks for 8 bytes of elements but the file holds 9; the two must agree`},
	{"elements in an empty array", npy(1, dict("<f8", false, "(0, 4)"), 1.0),
		`the header asks for 0 bytes of elements but the file holds 8; the two must agree`},
}

func TestDamaged(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range damaged {
		for _, threshold := range []int64{0, 1 << 40} {
			t.Run(fmt.Sprintf("%s/threshold=%d", c.name, threshold), func(t *testing.T) {
				withThreshold(t, threshold)
				_, err := Open(put(t, "x.npy", c.data))
				wantSentence(t, err, "x.npy: "+c.want)
			})
		}
	}
}

// huge asks for 128 TB and holds 16 bytes.
var huge = npy(1, dict("<f8", false, "(4000000, 4000000)"), 1.0, 2.0)

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHugeHeaderAllocatesLittle(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("128 TB do not fit an int here")
	}
	t.Chdir(t.TempDir())
	put(t, "x.npy", huge)
	for _, threshold := range []int64{0, 1 << 40} {
		withThreshold(t, threshold)
		var err error
		if n := allocated(func() { _, err = Open("x.npy") }); n > 1<<20 {
			t.Errorf("%d bytes allocated", n)
		}
		wantSentence(t, err, "x.npy: the header asks for 128000000000000 bytes of elements but the file holds 16; the two must agree")
	}
	var err error
	if n := allocated(func() {
		_, err = readArray(&source{name: "x.npy", noun: "stream", r: strings.NewReader(string(huge)), size: -1})
	}); n > 1<<20 {
		t.Errorf("%d bytes allocated", n)
	}
	wantSentence(t, err, "x.npy: the header asks for 128000000000000 bytes of elements but the stream holds 16; the two must agree")
}

// piped opens data through a pipe.
func piped(t *testing.T, data []byte) (*Array, string, error) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	path := fmt.Sprintf("/dev/fd/%d", r.Fd())
	if _, err := os.Stat(path); err != nil {
		w.Close()
		t.Skip("this system has no names for open files: ", err)
	}
	go func() {
		w.Write(data)
		w.Close()
	}()
	a, err := Open(path)
	return a, path, err
}

func TestPipe(t *testing.T) {
	data := ramp[float64](300 * 400) // more than one growth of the buffer
	whole := npy(1, dict("<f8", true, "(300, 400)"), fortranOrder([]int{300, 400}, data))

	a, _, err := piped(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	checkReads[float64](t, a, []int{300, 400}, data)

	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "the stream is empty; a .npy file was expected"},
		{whole[:40], "the header is declared to be 63 bytes long but only 30 bytes follow; a complete .npy file was expected"},
		{whole[:len(whole)-1], "the header asks for 960000 bytes of elements but the stream holds 959999; the two must agree"},
		{append(slices.Clip(whole), 0), "the header asks for 960000 bytes of elements but the stream holds more; the two must agree"},
	} {
		_, path, err := piped(t, c.data)
		wantSentence(t, err, path+": "+c.want)
	}
}

func TestOpenWhatIsNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "file", nil)

	_, err := Open("missing.npy")
	wantSentence(t, err, "missing.npy: does not exist; a .npy file was expected")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	_, err = Open(".")
	wantSentence(t, err, ".: is a directory; a .npy file was expected")
	_, err = Open("line\nbreak")
	wantSentence(t, err, `"line\nbreak": does not exist; a .npy file was expected`)
	if runtime.GOOS != "windows" {
		below := filepath.Join("file", "x.npy")
		_, err = Open(below)
		wantSentence(t, err, below+": cannot be opened (not a directory); a readable .npy file was expected")
	}
}

func TestRealThreshold(t *testing.T) {
	for _, c := range []struct {
		n      int
		mapped bool
	}{{1<<17 - 17, false}, {1<<17 - 16, true}} { // with a header of 128 bytes
		path := temp(t, "a.npy")
		if err := WriteNPY(path, []int{c.n}, ramp[float64](c.n)); err != nil {
			t.Fatal(err)
		}
		a := opened(t, path)
		if (a.unmap != nil) != (c.mapped && canMap) {
			t.Errorf("%d elements: mapped is %v", c.n, a.unmap != nil)
		}
		checkReads[float64](t, a, []int{c.n}, ramp[float64](c.n))
	}
}
