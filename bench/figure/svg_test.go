package figure

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

type vgLength = vg.Length

func scanTranslate(t *testing.T, before string, x, y *float64) {
	t.Helper()
	at := strings.LastIndex(before, `<g transform="translate(`)
	if at < 0 {
		t.Fatal("no text before")
	}
	if _, err := fmt.Sscanf(before[at:], `<g transform="translate(%g, %g)`, x, y); err != nil {
		t.Fatal(err)
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	p := demonstration()
	p.Title = `a <b> & "c" 'd' ></text> ` + "\x00\x1b\xff"
	p.Caption += p.Title
	svg := mustSVG(t, p)
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	var path, title []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			path = append(path, v.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if strings.Join(path, "/") == "svg/title" {
				title = append(title, string(v))
			}
		}
	}
	if got, want := strings.Join(title, ""), clean(p.Title); got != want {
		t.Errorf("the title is %q, want %q", got, want)
	}
}

func TestSVGFontsAndSize(t *testing.T) {
	svg := string(mustSVG(t, demonstration()))
	texts := strings.Count(svg, "<text ")
	if n := strings.Count(svg, "sans-serif;"); texts == 0 || n != texts {
		t.Errorf("%d of %d texts name a generic font", n, texts)
	}
	if n := strings.Count(svg, "</tspan></text>"); n != texts {
		t.Errorf("%d of %d texts have content", n, texts)
	}
	root := regexp.MustCompile(`width="([0-9.]+)pt" height="([0-9.]+)pt" viewBox="0 0 ([0-9.]+) ([0-9.]+)"`).FindStringSubmatch(svg)
	if root == nil || root[1] != root[3] || root[2] != root[4] || root[1] != "680.31" {
		t.Errorf("the size and the view are %q", root)
	}
	for _, m := range regexp.MustCompile(`font-size:([0-9.]+)px`).FindAllStringSubmatch(svg, -1) {
		if size, err := strconv.ParseFloat(m[1], 64); err != nil || size < smallestSize {
			t.Errorf("text of %s points is too small", m[1])
		}
	}
}

func TestSVGKeepsTextTogether(t *testing.T) {
	svg := string(mustSVG(t, onePanel(Axes{XLabel: "Σ_r"})))
	if !strings.Contains(svg, `>Σ</tspan><tspan dy="1.5" font-size="7.4px">r</tspan></text>`) {
		t.Error("the parts of a label are not in one element")
	}
	if !strings.Contains(svg, "<title>Figure</title>") {
		t.Error("a page without a title has no name")
	}
}
