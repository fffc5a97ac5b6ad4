package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// epoch stands for the time of every file, so that two archives of one source are equal.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// file is one in an archive.
type file struct {
	name string
	data []byte
	mode int64
}

// makeArchives builds the command for all platforms: in dir, which is made anew.
func makeArchives(dir string) error {
	version, err := versionOf()
	if err != nil {
		return err
	}
	want, err := makeNotices()
	if err != nil {
		return err
	}
	if have, err := os.ReadFile(filepath.Join(root, notices)); err != nil || !bytes.Equal(have, want) {
		return fmt.Errorf("%s is not what go run . notices writes", notices)
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var common []file
	for _, name := range []string{"CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md", notices} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		common = append(common, file{name, data, 0o644})
	}
	var sums bytes.Buffer
	for _, p := range platforms {
		program, err := p.build()
		if err != nil {
			return err
		}
		name := fmt.Sprintf("mfbench-%s-%v", version, p)
		var archive []byte
		if p.os == "windows" {
			archive, err = zipped(name, append([]file{{"mfbench.exe", program, 0o755}}, common...))
			name += ".zip"
		} else {
			archive, err = tarred(name, append([]file{{"mfbench", program, 0o755}}, common...))
			name += ".tar.gz"
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), archive, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(archive), name)
		fmt.Println(name)
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), sums.Bytes(), 0o644)
}

// versionOf is the constant of the source.
func versionOf() (string, error) {
	const where = "bench/machine.go"
	source, err := os.ReadFile(filepath.Join(root, where))
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`(?m)^const Version = "(.*)"$`).FindSubmatch(source)
	if m == nil {
		return "", fmt.Errorf("%s has no line const Version = \"…\"", where)
	}
	return string(m[1]), nil
}

// build is the program, without paths, symbols for debuggers, or what version control says
// of the tree.
func (p platform) build() ([]byte, error) {
	tmp, err := os.MkdirTemp("", "mfbench-dist")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	path := filepath.Join(tmp, "mfbench")
	if _, err := p.run("build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", path, "./cmd/mfbench"); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// tarred is a gzipped tar with the files in a folder.
func tarred(folder string, files []file) ([]byte, error) {
	var b bytes.Buffer
	g, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	t := tar.NewWriter(g)
	for _, f := range files {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: folder + "/" + f.name, Size: int64(len(f.data)), Mode: f.mode, ModTime: epoch, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := t.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	if err := g.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// zipped is a zip with the files in a folder.
func zipped(folder string, files []file) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: folder + "/" + f.name, Method: zip.Deflate, Modified: epoch}
		h.SetMode(os.FileMode(f.mode))
		w, err := z.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
