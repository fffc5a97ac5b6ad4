package report

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lowrank/bench/figure"
)

func TestIndexKeepsTheOrderAndSkipsWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	mustSave(t, dir, sample("b/one"), sample("a/two"), sample("b/three"))
	page := mustIndex(t, dir, "b/three", "a/missing", "a/two", "b/one")
	var ids []string
	for _, m := range regexp.MustCompile(`<section id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		ids = append(ids, m[1])
	}
	if want := []string{"b-three", "b-one", "a-two"}; !slices.Equal(ids, want) {
		t.Errorf("the sections are %q, want %q", ids, want)
	}
	for _, want := range []string{
		`<dd>3</dd>`, `lang="en"`, `class="skip"`, `<em class="inferred">inferred</em> any`, `<b>PASS</b>`, `<b>FAIL</b>`, `<b>NOTE</b>`,
		`>quick</span>`, `href="b/three.csv"`, `<noscript><img class="picture" src="b/three.svg"`, `1 FAIL`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestIndexOfNothing(t *testing.T) {
	page := mustIndex(t, t.TempDir(), "a/b")
	if !strings.Contains(page, "There are no figures") {
		t.Error("an empty page does not say so")
	}
	t.Logf("the empty page has %d bytes", len(page))
}

func TestIndexIsDeterministic(t *testing.T) {
	dir := t.TempDir()
	f := sample("a/b")
	for _, label := range []string{"x_1", "x_2", "x_3", "y^{2}", "σ₁²(u₁)"} {
		f.Page.Rows[0].Cells[0].Panel.(*figure.Axes).Marks = append(f.Page.Rows[0].Cells[0].Panel.(*figure.Axes).Marks, figure.Mark{Label: label})
	}
	mustSave(t, dir, f)
	first := mustIndex(t, dir, "a/b")
	for range 5 {
		mustSave(t, dir, f)
		if mustIndex(t, dir, "a/b") != first {
			t.Fatal("the same figures give another page")
		}
	}
}

// TestIndexLoadsNothing: what a page could load stands in an attribute or in
// the style sheet.
func TestIndexLoadsNothing(t *testing.T) {
	dir := t.TempDir()
	mustSave(t, dir, sample("a/b"))
	page := mustIndex(t, dir, "a/b")
	page = strings.ReplaceAll(page, "http://www.w3.org/2000/svg", "") // a name, not a place
	for _, bad := range []string{"http://", "https://", "//cdn", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "eval("} {
		if i := strings.Index(page, bad); i >= 0 {
			t.Errorf("the page has %q: %s", bad, page[max(0, i-40):min(len(page), i+60)])
		}
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ref := m[1]; !strings.HasPrefix(ref, "#") && !strings.HasPrefix(ref, "a/b.") && ref != "data:," {
			t.Errorf("the page refers to %q", ref)
		}
	}
}

func TestIndexEscapes(t *testing.T) {
	const evil = `</script><script>alert(1)</script><img src=x onerror="alert(1)"> & "q" 'q' <!--`
	dir := t.TempDir()
	f := sample(`sys<b>/fig"&'`)
	f.Title, f.Caption, f.Command, f.Cost, f.Machine = evil, evil, evil, evil, evil
	f.Parameters = []Parameter{{Name: evil, Value: evil, Comment: evil}}
	f.Verdicts = []Verdict{{"PASS", evil}}
	f.Files = []string{`sys<b>/fig"&'.csv`, "javascript:alert(1)", "a?b#c.svg", evil}
	f.Page.Rows = []figure.Row{{Cells: []figure.Cell{
		{Weight: 1, Panel: figure.Axes{Title: evil, XLabel: evil, YLabel: evil, Lines: []figure.Line{{Name: evil}}, Marks: []figure.Mark{{Label: evil}}}},
		{Weight: 1, Panel: figure.HeatMap{Title: evil, Values: [][]float64{{1}}, RowNames: []string{evil}, ColNames: []string{evil}}},
		{Weight: 1, Panel: figure.ColorBar{Max: 1, Label: evil}},
	}}}
	mustSave(t, dir, f, sample("sys/plain"))
	page := mustIndex(t, dir, "sys/plain", f.Name)
	plain := mustIndex(t, dir, "sys/plain")
	for _, bad := range []string{"<script>alert", "<img src=x", "<!--", `href="javascript:`} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	if got, want := strings.Count(page, "</script>"), strings.Count(plain, "</script>")+1; got != want {
		t.Errorf("%d scripts end, want %d", got, want)
	}
	if !strings.Contains(page, `href="a%3Fb%23c.svg"`) {
		t.Error("the name of a file is taken for a query")
	}
	if !strings.Contains(page, `id="sys-b--fig---"`) {
		t.Error("a name does not make an id")
	}
}

func TestEachSectionHasItsOwnID(t *testing.T) {
	dir := t.TempDir()
	mustSave(t, dir, sample("a/b.c"), sample("a/b-c"))
	page := mustIndex(t, dir, "a/b.c", "a/b-c")
	if !strings.Contains(page, `<section id="a-b-c"`) || !strings.Contains(page, `<section id="a-b-c-2"`) {
		t.Error("two figures share an id")
	}
}

// TestDamagedFiles: one error, which names the file, and no page.
func TestDamagedFiles(t *testing.T) {
	good := func() string {
		dir := t.TempDir()
		mustSave(t, dir, sample("a/b"))
		b, err := os.ReadFile(filepath.Join(dir, "a", "b.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}()
	for name, text := range map[string]string{
		"empty":        "",
		"cut off":      good[:len(good)/2],
		"not JSON":     "figure",
		"another type": "[1, 2]",
		"another name": strings.Replace(good, `"a/b"`, `"a/c"`, 1),
		"a string":     strings.Replace(good, `"arrays":[[0`, `"arrays":[["0"`, 1),
		"no array":     strings.Replace(good, `"x":0`, `"x":7`, 1),
		"before them":  strings.Replace(good, `"x":0`, `"x":-1`, 1),
		"no panel":     strings.Replace(good, `"type":"heatmap"`, `"type":"pie"`, 1),
		"a style":      strings.Replace(good, `"color":"#`, `"color":"red;background:url(x)#`, 1),
		"a dash":       strings.Replace(good, `"dash":"dashed"`, `"dash":"\"x"`, 1),
		"a status":     strings.Replace(good, `"status":"PASS"`, `"status":"<b>"`, 1),
	} {
		if text == good {
			t.Fatalf("%s: nothing is damaged", name)
		}
		dir := t.TempDir()
		mustSave(t, dir, sample("a/b"))
		path := filepath.Join(dir, "a", "b.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := WriteIndex(dir, []string{"a/b"})
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; a sentence with the name of the file was expected", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "index.html")); err == nil {
			t.Errorf("%s: there is a page", name)
		}
	}
	if _, err := WriteIndex(t.TempDir(), []string{"../a"}); err == nil {
		t.Error("a name leads out of the directory")
	}
}
