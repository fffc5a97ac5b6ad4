// Command dist makes what is handed to people without Go, from the root of the repository:
//
//	cd _dist && go run . notices     ../THIRD_PARTY_NOTICES
//	cd _dist && go run . archives    ../dist: the command for each platform, and SHA256SUMS
//
// The same source and the same release of Go give the same bytes. It is a module of its own,
// of the standard library alone, so that it reaches no user.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// root is the repository, seen from here.
const root = ".."

// notices is the file of licences.
const notices = "THIRD_PARTY_NOTICES"

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("expected notices or archives"))
	}
	switch os.Args[1] {
	case "notices":
		text, err := makeNotices()
		if err != nil {
			fail(err)
		}
		if err := os.WriteFile(filepath.Join(root, notices), text, 0o644); err != nil {
			fail(err)
		}
	case "archives":
		if err := makeArchives(filepath.Join(root, "dist")); err != nil {
			fail(err)
		}
	default:
		fail(fmt.Errorf("%q is none of notices and archives", os.Args[1]))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "dist:", err)
	os.Exit(1)
}
