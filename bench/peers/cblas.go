package peers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// cblas is the C program on a shared library.
func cblas(ctx context.Context, name, library string) (program, error) {
	cc, err := compiler("CC", "cc", "gcc", "clang")
	if err != nil {
		return program{}, err
	}
	binary := "cblas_peer-" + name
	return program{args: []string{"{dir}/" + binary}, more: []string{library}, build: func(ctx context.Context, dir, dtype string) error {
		flags := append(tuned(), elements(dtype), "-o", filepath.Join(dir, binary), filepath.Join(dir, "cblas_peer.c"))
		if runtime.GOOS == "linux" {
			flags = append(flags, "-ldl")
		}
		return compile(ctx, cc, flags...)
	}}, nil
}

// cblasInstalled is a library at one of the places where systems put it.
func cblasInstalled(name, what, library string) Peer {
	return Peer{Name: name, What: what, found: true, find: func(ctx context.Context, _ *Host) (program, error) {
		path := findLibrary(library)
		if path == "" {
			how := "--cblas names its path"
			if library != "libmkl_rt" {
				how = makePeers + ", " + how
			}
			return program{}, fmt.Errorf("needs the shared library %s; %s", library, how)
		}
		return cblas(ctx, name, path)
	}}
}

func findLibrary(name string) string {
	dirs := append(filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")),
		"/usr/local/lib", "/usr/local/lib64", "/usr/lib/*-linux-gnu*", "/usr/lib64", "/usr/lib",
		"/opt/homebrew/opt/"+strings.TrimPrefix(name, "lib")+"/lib", "/opt/intel/oneapi/mkl/latest/lib*", "/opt/intel/oneapi/mkl/latest/lib/intel64")
	for _, dir := range dirs {
		for _, end := range []string{".so", ".so.*", ".dylib"} {
			found, _ := filepath.Glob(filepath.Join(dir, name+end)) // the only error is a bad pattern
			if len(found) > 0 {
				return found[0]
			}
		}
	}
	return ""
}

// cblasNamed is a library that the user names, NAME=PATH or PATH.
func cblasNamed(arg string) (Peer, error) {
	name, path, ok := strings.Cut(arg, "=")
	if !ok {
		path = arg
		name, _, _ = strings.Cut(filepath.Base(path), ".")
		name = "c-" + strings.TrimPrefix(name, "lib")
	}
	if name == "" || path == "" || strings.ContainsAny(name, "/, \t") {
		return Peer{}, fmt.Errorf("%q is no library; expected PATH or NAME=PATH", arg)
	}
	return Peer{Name: name, What: "C on " + path, ByUser: true, find: func(ctx context.Context, _ *Host) (program, error) {
		if strings.Contains(path, "/") && runtime.GOOS != "darwin" { // where libraries of the system are no files
			if info, err := os.Stat(path); err != nil || info.IsDir() {
				return program{}, fmt.Errorf("needs the shared library %s, which does not exist", path)
			}
		}
		return cblas(ctx, name, path)
	}}, nil
}
