package peers

import (
	"embed"
	"os"
	"path/filepath"
)

// programs are the peers in other languages and what they share.
//
//go:embed programs
var programs embed.FS

// unpack writes the programs to dir.
func unpack(dir string) error {
	entries, err := programs.ReadDir("programs")
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := programs.ReadFile("programs/" + e.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
