package matio

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"slices"
	"testing"
)

func TestNPZ(t *testing.T) {
	t.Chdir(t.TempDir())
	wide, narrow := ramp[float64](300*7), ramp[float32](5)
	members := map[string]Member{
		"S":       NewMember([]int{300, 7}, wide),
		"b/inner": NewMember([]int{5}, narrow),
		"A":       NewMember(nil, []float32{3}),
		"none":    NewMember([]int{0, 4}, []float64{}),
	}
	for _, path := range []string{"x.npz", "y.npz"} {
		if err := WriteNPZ(path, members); err != nil {
			t.Fatal(err)
		}
	}
	x, _ := os.ReadFile("x.npz")
	y, _ := os.ReadFile("y.npz")
	if !bytes.Equal(x, y) {
		t.Error("equal members give different bytes")
	}

	z, err := OpenNPZ("x.npz")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := z.Names(), []string{"A", "S", "b/inner", "none"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	arrays := map[string]*Array{}
	for _, name := range z.Names() {
		if arrays[name], err = z.Array(name); err != nil {
			t.Fatal(err)
		}
	}
	_, err = z.Array("T")
	wantSentence(t, err, `x.npz: has no member "T"; one of "A", "S", "b/inner", "none" was expected`)
	for range 2 {
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	checkReads[float64](t, arrays["S"], []int{300, 7}, wide)
	checkReads[float32](t, arrays["b/inner"], []int{5}, narrow)
	checkReads[float32](t, arrays["A"], nil, []float32{3})
	checkReads[float64](t, arrays["none"], []int{0, 4}, []float64{})
	if got := arrays["S"].Name(); got != "x.npz:S" {
		t.Errorf("name %q", got)
	}
}

// archive builds a .npz file member by member.
func archive(t *testing.T, method uint16, members ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for k := 0; k < len(members); k += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: members[k].(string), Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(members[k+1].([]byte)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDeflatedNPZ(t *testing.T) {
	shape := []int{120, 130}
	data := ramp[float32](product(shape))
	file := npy(1, dict("<f4", true, tuple(shape)), fortranOrder(shape, data))
	z, err := OpenNPZ(put(t, temp(t, "x.npz"), archive(t, zip.Deflate, "readme.txt", []byte("text"), "a.npy", file)))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if got := z.Names(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("names %q", got)
	}
	a, err := z.Array("a")
	if err != nil {
		t.Fatal(err)
	}
	checkReads[float64](t, a, shape, data)
}

// lying builds an archive with one member "a" whose sizes are as declared.
func lying(t *testing.T, method uint16, flags uint16, declared uint64, packed []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: "a.npy", Method: method, Flags: flags,
		CompressedSize64: uint64(len(packed)), UncompressedSize64: declared,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(packed); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// packedBytes is what deflate makes of data.
func packedBytes(t *testing.T, data []byte) []byte {
	t.Helper()
	raw := archive(t, zip.Deflate, "a.npy", data)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	at, err := z.File[0].DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	return raw[at : at+int64(z.File[0].CompressedSize64)]
}

func TestDamagedNPZ(t *testing.T) {
	t.Chdir(t.TempDir())
	whole := npy(1, dict("<f8", false, "(2,)"), ramp[float64](2))
	whole1000 := npy(1, dict("<f8", false, "(1000,)"), make([]float64, 1000))
	stored := archive(t, zip.Store, "a.npy", whole)
	flipped := bytes.Clone(stored)
	flipped[bytes.Index(stored, whole)+len(whole)-1] ^= 1

	for _, c := range []struct {
		name string
		data []byte
		want string // of OpenNPZ, or else of Array
	}{
		{"empty", nil, "x.npz: the file is empty; a .npz file was expected"},
		{"not a zip", whole, "x.npz: is not a zip archive, or not a complete one; a .npz file was expected"},
		{"cut off", stored[:len(stored)-10], "x.npz: is not a zip archive, or not a complete one; a .npz file was expected"},
		{"twice", archive(t, zip.Store, "a.npy", whole, "a.npy", whole), `x.npz: holds the member "a" twice; each name once was expected`},
		{"no arrays", archive(t, zip.Store, "a.txt", whole), `x.npz: has no member "a" and no other array; an archive of .npy files was expected`},
		{"flipped bit", flipped, "x.npz:a: cannot be read (zip: checksum error); an intact member was expected"},
		{"empty member", archive(t, zip.Store, "a.npy", []byte{}), "x.npz:a: the member is empty; a .npy file was expected"},
		{"header that asks for 128 TB", archive(t, zip.Deflate, "a.npy", huge),
			"x.npz:a: the header asks for 128000000000000 bytes of elements but the member holds 16; the two must agree"},
		{"truncated member", archive(t, zip.Deflate, "a.npy", whole[:len(whole)-3]),
			"x.npz:a: the header asks for 16 bytes of elements but the member holds 13; the two must agree"},
		{"stored size too large", lying(t, zip.Store, 0, 1<<47, whole),
			"x.npz:a: the archive declares 140737488355328 bytes that are packed into 84; sizes that agree were expected"},
		{"deflated size too large", lying(t, zip.Deflate, 0, 1<<47, packedBytes(t, whole1000)),
			"x.npz:a: the archive declares 140737488355328 bytes that are packed into 105; sizes that agree were expected"},
		{"deflated size somewhat too large", lying(t, zip.Deflate, 0, uint64(len(whole1000))+8, packedBytes(t, whole1000)),
			"x.npz:a: the header asks for 8000 bytes of elements but the member holds 8008; the two must agree"},
		{"less than both sizes", lying(t, zip.Deflate, 0, uint64(len(whole1000)), packedBytes(t, whole1000[:4000])),
			"x.npz:a: cannot be read (unexpected EOF); an intact member was expected"},
		{"deflate garbage", lying(t, zip.Deflate, 0, 100, bytes.Repeat([]byte{0xff}, 50)),
			"x.npz:a: cannot be read (flate: corrupt input before offset 1); an intact member was expected"},
		{"encrypted", lying(t, zip.Store, 1, uint64(len(whole)), whole),
			"x.npz:a: is encrypted; a stored or deflated member was expected"},
		{"unknown method", lying(t, 14, 0, uint64(len(whole)), whole),
			"x.npz:a: cannot be read (zip: unsupported compression algorithm); a stored or deflated member was expected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if math.MaxInt == math.MaxInt32 && c.name == "header that asks for 128 TB" {
				t.Skip("128 TB do not fit an int here")
			}
			var err error
			n := allocated(func() {
				var z *Archive
				if z, err = OpenNPZ(put(t, "x.npz", c.data)); err == nil {
					_, err = z.Array("a")
					z.Close()
				}
			})
			wantSentence(t, err, c.want)
			if n > 1<<20 {
				t.Errorf("%d bytes allocated", n)
			}
		})
	}
}

func TestOpenNPZWhatIsNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := OpenNPZ("missing.npz")
	wantSentence(t, err, "missing.npz: does not exist; a .npz file was expected")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	_, err = OpenNPZ(".")
	wantSentence(t, err, ".: is a directory; a .npz file was expected")
}
