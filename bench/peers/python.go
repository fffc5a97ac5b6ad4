package peers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// python is a script that needs packages.
func python(name, what, script string, packages ...string) Peer {
	return Peer{Name: name, What: what, find: func(ctx context.Context, h *Host) (program, error) {
		interpreter, err := findPython(ctx, h.Python, packages)
		if err != nil {
			return program{}, err
		}
		return program{args: []string{interpreter, "{dir}/" + script}}, nil
	}}
}

// findPython is the first interpreter that has the packages. Distributions put
// theirs beside the interpreter in /usr/bin, which may not be the first in PATH.
func findPython(ctx context.Context, given string, packages []string) (string, error) {
	candidates := []string{"python3", "/usr/bin/python3", "python"}
	if given != "" {
		candidates = []string{given}
	}
	// What is in the working directory is no package.
	test := "import sys; sys.path.pop(0); import " + strings.Join(packages, ", ")
	var there []string
	for _, c := range candidates {
		path, err := lookPath(c)
		if err != nil {
			continue
		}
		there = append(there, c)
		if help(ctx, askTime, "", io.Discard, path, "-c", test) == nil {
			return path, nil
		}
	}
	switch {
	case given != "" && there == nil:
		return "", fmt.Errorf("needs Python; %s is not a program", given)
	case there == nil:
		return "", errors.New("needs Python 3; " + makePeers)
	}
	return "", fmt.Errorf("needs the Python package %s, which %s cannot import; %s", packages[0], strings.Join(there, " or "), makePeers)
}
