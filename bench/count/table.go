package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// The table is what is printed and what stands in the file: a line for each count,
// columns two or more spaces apart.
const head = `# Instructions per unit of work, counted by valgrind: "make count" compares them,
# "make count-save" writes this file. Numbers that follow the compiler name its
# release.
#
`

const layout = "%-7s  %-11s  %-22s  %-11s  %12s  %-20s  %s\n"

// noGo stands where no compiler has a say.
const noGo = "-"

func writeTable(w io.Writer, counts []count) error {
	text := head + fmt.Sprintf(layout, "# row", "types", "what", "shape", "instructions", "per", "compiler")
	for _, c := range counts {
		compiler := c.Go
		if compiler == "" {
			compiler = noGo
		}
		text += fmt.Sprintf(layout, c.Row, c.Types, c.Name, c.Shape, fmt.Sprintf("%.4f", c.Each), c.Unit, compiler)
	}
	_, err := io.WriteString(w, text)
	return err
}

var gap = regexp.MustCompile(` {2,}`)

// readTable reads what writeTable wrote.
func readTable(r io.Reader) ([]count, error) {
	var counts []count
	seen := map[key]bool{}
	in := bufio.NewScanner(r)
	for line := 1; in.Scan(); line++ {
		text := strings.TrimSpace(in.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		f := gap.Split(text, -1)
		if len(f) != 7 {
			return nil, fmt.Errorf("line %d has %d columns; expected 7, two or more spaces apart", line, len(f))
		}
		each, err := strconv.ParseFloat(f[4], 64)
		if err != nil || !(each > 0) {
			return nil, fmt.Errorf("line %d: instructions are %q; expected a number above 0", line, f[4])
		}
		c := count{key{f[0], label{Types: f[1], Name: f[2], Shape: f[3], Unit: f[5]}}, each, f[6]}
		if c.Go == noGo {
			c.Go = ""
		}
		if seen[c.key] {
			return nil, fmt.Errorf("line %d: %s stands in the table twice", line, c.key)
		}
		seen[c.key] = true
		counts = append(counts, c)
	}
	return counts, in.Err()
}
