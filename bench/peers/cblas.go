package peers

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// cblas is the C program on the first of some shared libraries that loads.
func cblas(name string, libraries ...string) (program, error) {
	cc, err := compiler("CC", "cc", "gcc", "clang")
	if err != nil {
		return program{}, err
	}
	binary := "cblas_peer-" + name
	return program{args: []string{"{dir}/" + binary}, libraries: libraries, build: func(ctx context.Context, dir, dtype string) error {
		flags := append(tuned(), elements(dtype), "-o", filepath.Join(dir, binary), filepath.Join(dir, "cblas_peer.c"))
		if runtime.GOOS == "linux" {
			flags = append(flags, "-ldl")
		}
		return compile(ctx, cc, flags...)
	}}, nil
}

// cblasInstalled is a library at one of the places where systems put it.
func cblasInstalled(name, what, library string) Peer {
	return Peer{Name: name, What: what, library: library, find: func(context.Context, *Host) (program, error) {
		paths := findLibrary(library)
		if paths == nil {
			how := "--cblas names its path"
			if library != "libmkl_rt" {
				how = makePeers + ", " + how
			}
			return program{}, fmt.Errorf("needs the shared library %s; %s", library, how)
		}
		return cblas(name, paths...)
	}}
}

// findLibrary lists the files of a library, each once: some may be of another
// processor, or text that a linker reads.
func findLibrary(name string) []string {
	dirs := append(filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")),
		"/usr/local/lib", "/usr/local/lib64", "/usr/lib/*-linux-gnu*", "/usr/lib64", "/usr/lib",
		"/opt/homebrew/opt/"+strings.TrimPrefix(name, "lib")+"/lib", "/opt/intel/oneapi/mkl/latest/lib*", "/opt/intel/oneapi/mkl/latest/lib/intel64")
	var paths, real []string
	for _, dir := range dirs {
		for _, end := range []string{".so", ".so.*", ".dylib"} {
			found, _ := filepath.Glob(filepath.Join(dir, name+end)) // the only error is a bad pattern
			for _, path := range found {
				if file, err := filepath.EvalSymlinks(path); err == nil && !slices.Contains(real, file) {
					paths, real = append(paths, path), append(real, file)
				}
			}
		}
	}
	return paths
}

// nameOfPeer is what the name of a library may be: it stands in tables, file names
// and --peers.
var nameOfPeer = regexp.MustCompile(`^[A-Za-z0-9._+-]+$`)

// cblasNamed is a library that the user names, NAME=PATH or PATH, of which a name is
// derived.
func cblasNamed(arg string) (p Peer, derived bool, err error) {
	name, path, ok := strings.Cut(arg, "=")
	if derived = !ok || strings.ContainsRune(name, '/') || isFile(arg); derived {
		path = arg
		name, _, _ = strings.Cut(filepath.Base(path), ".")
		name = "c-" + strings.TrimPrefix(name, "lib")
	}
	switch {
	case name == "" || path == "":
		return p, derived, fmt.Errorf("%q is no library; expected PATH or NAME=PATH", arg)
	case !nameOfPeer.MatchString(name):
		return p, derived, fmt.Errorf("%q would be named %q; expected NAME=PATH with letters, digits and . _ + - in NAME", arg, name)
	}
	if isFile(path) { // else it is for the system to find
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
	}
	return Peer{Name: name, What: "C on " + path, library: path, ByUser: true, find: func(context.Context, *Host) (program, error) {
		// On macOS libraries of the system are no files.
		if strings.ContainsRune(path, '/') && runtime.GOOS != "darwin" && !isFile(path) {
			return program{}, fmt.Errorf("needs the shared library %s, which does not exist", path)
		}
		return cblas(name, path)
	}}, derived, nil
}

// otherNames are what else a library may be called whose derived name is taken: with
// the name of its directory, then with numbers.
func otherNames(name, path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		dir := filepath.Dir(path)
		for filepath.Base(dir) == "lib" || filepath.Base(dir) == "lib64" { // says nothing
			dir = filepath.Dir(dir)
		}
		if with := name + "-" + filepath.Base(dir); nameOfPeer.MatchString(with) && !yield(with) {
			return
		}
		for n := 2; yield(fmt.Sprintf("%s-%d", name, n)); n++ {
		}
	}
}

// sameFile says whether two paths lead to one file.
func sameFile(a, b string) bool {
	a, err1 := filepath.EvalSymlinks(a)
	b, err2 := filepath.EvalSymlinks(b)
	return err1 == nil && err2 == nil && a == b
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
