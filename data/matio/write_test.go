package matio

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

func TestWriteNPY(t *testing.T) {
	for _, shape := range shapes {
		testWriteNPY[float32](t, shape)
		testWriteNPY[float64](t, shape)
	}
	testWriteNPY[float32](t, []int{123, 457}) // more than one buffer
	testWriteNPY[float64](t, []int{123, 457})
}

func testWriteNPY[T float32 | float64](t *testing.T, shape []int) {
	t.Helper()
	data := ramp[T](product(shape))
	path := temp(t, "a.npy")
	if err := WriteNPY(path, shape, data); err != nil {
		t.Fatal(err)
	}
	a := opened(t, path)
	checkReads[T](t, a, shape, data)
	if a.fortran || a.Name() != path {
		t.Errorf("Fortran %v, name %q", a.fortran, a.Name())
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if at := info.Size() - int64(len(a.data)); at%dataAlign != 0 {
		t.Errorf("shape %v: elements at %d", shape, at)
	}
}

func TestWriteNPYPanics(t *testing.T) {
	path := temp(t, "a.npy")
	wantPanic(t, "matio: 5 elements for the shape (2, 3)", func() { WriteNPY(path, []int{2, 3}, ramp[float32](5)) })
	wantPanic(t, "matio: 0 elements for the shape ()", func() { WriteNPY(path, nil, []float64{}) })
	wantPanic(t, "matio: negative dimension in the shape (-2, -3)", func() { WriteNPY(path, []int{-2, -3}, ramp[float32](6)) })
	wantPanic(t, "matio: 6 elements for the shape (7,)", func() { NewMember([]int{7}, ramp[float32](6)) })
	wantPanic(t, `matio: header ["a" ""] of a CSV file`, func() { WriteCSV(path, []string{"a", ""}, nil) })
	wantPanic(t, "matio: row 1 of a CSV file has 1 numbers for 2 columns", func() {
		WriteCSV(path, []string{"a", "b"}, [][]float64{{1, 2}, {3}})
	})
	wantEntries(t, filepath.Dir(path))
}

// writers writes something through each function of the package.
var writers = map[string]func(path string) error{
	"WriteFile": func(path string) error { return WriteFile(path, []byte("new")) },
	"WriteNPY":  func(path string) error { return WriteNPY(path, []int{2}, ramp[float64](2)) },
	"WriteNPZ": func(path string) error {
		return WriteNPZ(path, map[string]Member{"a": NewMember([]int{2}, ramp[float64](2))})
	},
	"WriteCSV": func(path string) error { return WriteCSV(path, []string{"x"}, [][]float64{{1}}) },
}

// wantEntries checks that the directory holds these names and nothing else.
func wantEntries(t *testing.T, dir string, want ...string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		got = append(got, e.Name())
	}
	if len(got) != len(want) {
		t.Errorf("entries %q, want %q", got, want)
		return
	}
	for k := range got {
		if got[k] != want[k] {
			t.Errorf("entries %q, want %q", got, want)
		}
	}
}

func TestWriteWhereNothingCanBe(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			put(t, "file", []byte("old"))
			if err := os.Mkdir("dir", 0o755); err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS != "windows" { // the reasons are worded by the system
				wantSentence(t, write("file/x"), "file/x: cannot be written (not a directory); a name in a writable directory was expected")
				wantSentence(t, write("none/x"), "none/x: cannot be written (no such file or directory); a name in a writable directory was expected")
			}
			wantSentence(t, write("dir"), "dir: is a directory; the name of a file was expected")
			wantEntries(t, ".", "dir", "file")
			wantEntries(t, "dir")
			if got, _ := os.ReadFile("file"); string(got) != "old" {
				t.Errorf("file holds %q", got)
			}
		})
	}
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "x", []byte("old"))
	full := errors.New("no space left on device")
	err := Replace("x", func(w io.Writer) error {
		w.Write(make([]byte, 1<<20)) // more than the buffer, so that the temporary file has some of it
		return full
	})
	wantSentence(t, err, "x: cannot be written (no space left on device); what stood there before is untouched")
	if !errors.Is(err, full) {
		t.Error("the cause is lost")
	}
	func() {
		defer func() { recover() }()
		Replace("x", func(io.Writer) error { panic("mistake") })
	}()
	wantEntries(t, ".", "x")
	if got, _ := os.ReadFile("x"); string(got) != "old" {
		t.Errorf("x holds %q", got)
	}
}

func TestReplace(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			put(t, "x", bytes.Repeat([]byte("old"), 1000))
			if err := write("x"); err != nil {
				t.Fatal(err)
			}
			if err := write("y"); err != nil {
				t.Fatal(err)
			}
			x, _ := os.ReadFile("x")
			y, _ := os.ReadFile("y")
			if !bytes.Equal(x, y) || len(x) == 0 {
				t.Errorf("%q replaced by %q", y, x)
			}
			wantEntries(t, ".", "x", "y")
		})
	}
}

func TestReplaceBehindSymlink(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("dir", 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, "dir/x", []byte("old"))
	if err := os.Symlink("dir/x", "link"); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if err := WriteFile("link", []byte("new")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat("link"); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone")
	}
	if got, _ := os.ReadFile("dir/x"); string(got) != "new" {
		t.Errorf("the target holds %q", got)
	}
	wantEntries(t, ".", "dir", "link")
	wantEntries(t, "dir", "x")
}

func TestDeviceIsNotReplaced(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	path := filepath.Join("/dev/fd", strconv.Itoa(int(w.Fd())))
	if _, err := os.Stat(path); err != nil {
		w.Close()
		t.Skip("this system has no names for open files: ", err)
	}
	err = WriteFile(path, []byte("through"))
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(r); string(got) != "through" {
		t.Errorf("the pipe got %q", got)
	}
}
