package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"lowrank/data/matio"
)

// WriteSummary writes dir/index.md: a table of the figures under these names,
// with the command, verdicts and cost of each, and those that dir lacks.
func WriteSummary(dir string, names []string) (path string, err error) {
	var table, missing bytes.Buffer
	for _, name := range names {
		d, err := load(dir, name)
		if err != nil {
			return "", err
		}
		if d == nil {
			fmt.Fprintf(&missing, "- %s\n", name)
			continue
		}
		var picture string
		var data []string
		for _, f := range d.Files {
			switch filepath.Ext(f) {
			case ".svg":
				picture = f
			case ".csv":
				data = append(data, fmt.Sprintf("[%s](%s)", filepath.Base(f), f))
			}
		}
		fmt.Fprintf(&table, "| [%s](%s) | %s | %s | `%s` | %s | %s |\n", name, picture, cell(d.Title), tally(d.Verdicts), d.Command, cell(d.Cost), strings.Join(data, " "))
	}
	var b bytes.Buffer
	b.WriteString("# Figures\n\nWritten by `mfbench reproduce`; the verdicts of each figure stand in its `.toml`.\n\n" +
		"| figure | what it shows | verdicts | command | cost | data |\n|---|---|---|---|---|---|\n")
	b.Write(table.Bytes())
	if missing.Len() > 0 {
		fmt.Fprintf(&b, "\nNot here:\n\n%s", missing.String())
	}
	path = filepath.Join(dir, "index.md")
	return path, matio.WriteFile(path, b.Bytes())
}

// cell keeps a text from ending its cell of the table.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }

func tally(verdicts []Verdict) string {
	n := map[string]int{}
	for _, v := range verdicts {
		n[v.Status]++
	}
	s := fmt.Sprintf("%d pass", n["PASS"])
	if n["FAIL"] > 0 {
		s += fmt.Sprintf(", **%d fail**", n["FAIL"])
	}
	return s
}
