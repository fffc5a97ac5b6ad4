package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNotices fails where a module is linked, or another version of it, that the file does
// not have.
func TestNotices(t *testing.T) {
	want, err := makeNotices()
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join(root, notices))
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s is not of the modules that are linked; make notices writes it (%v)", notices, err)
	}
	table, _, _ := strings.Cut(string(want), "\n=====")
	if strings.Contains(table, unnamed) {
		t.Errorf("a licence has no name:\n%s", table)
	}
}

// TestArchives reads back what was packed, twice the same.
func TestArchives(t *testing.T) {
	files := []file{{"mfbench", []byte("program"), 0o755}, {"README.md", []byte("text"), 0o644}}
	for name, pack := range map[string]func(string, []file) ([]byte, error){"tar": tarred, "zip": zipped} {
		archive, err := pack("folder", files)
		again, err2 := pack("folder", files)
		if err != nil || err2 != nil || !bytes.Equal(archive, again) {
			t.Errorf("%s: %v, %v, or other bytes", name, err, err2)
		}
		unpack := untarred
		if name == "zip" {
			unpack = unzipped
		}
		got, err := unpack(archive)
		if err != nil {
			t.Fatal(err)
		}
		same := slices.EqualFunc(got, files, func(a, b file) bool {
			return a.name == "folder/"+b.name && bytes.Equal(a.data, b.data) && a.mode == b.mode
		})
		if !same {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func untarred(archive []byte) (files []file, err error) {
	g, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	t := tar.NewReader(g)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(t)
		if err != nil {
			return nil, err
		}
		files = append(files, file{h.Name, data, h.Mode})
	}
}

func unzipped(archive []byte) (files []file, err error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files = append(files, file{f.Name, data, int64(f.Mode())})
	}
	return files, nil
}

func TestVersion(t *testing.T) {
	version, err := versionOf()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil || !strings.Contains(string(log), "\n## "+version) {
		t.Errorf("CHANGELOG.md says nothing of %s (%v)", version, err)
	}
	citation, err := os.ReadFile(filepath.Join(root, "CITATION.cff"))
	if err != nil || !strings.Contains(string(citation), "\nversion: "+version+"\n") {
		t.Errorf("CITATION.cff is not of %s (%v)", version, err)
	}
}
