package figure

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"strings"

	"gonum.org/v1/plot/vg/vgsvg"
)

// SVG returns the page as a document of its own. Its text stays text, in
// Liberation Sans or what the reader has instead.
func (p *Page) SVG() ([]byte, error) {
	s, err := p.layout()
	if err != nil {
		return nil, err
	}
	canvas := &svgCanvas{Canvas: vgsvg.New(s.width, s.height)}
	if err := s.draw(canvas); err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if _, err := canvas.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("figure: write SVG: %w", err)
	}
	_, drawing, ok := strings.Cut(raw.String(), ">\n<g ")
	parts := strings.Split(drawing, emptyText)
	if !ok || len(parts) != len(canvas.lines)+1 {
		return nil, errors.New("figure: the SVG of gonum/plot does not look as expected")
	}
	var out bytes.Buffer
	out.WriteString(s.svgHeader() + "<g ")
	for i, part := range parts {
		out.WriteString(amend.Replace(part))
		if i < len(canvas.lines) {
			out.WriteString(canvas.lines[i])
		}
	}
	return out.Bytes(), nil
}

const emptyText = `></text>`

// amend changes what gonum/plot writes. Arial and Helvetica have the same
// widths as Liberation Sans. Images fill their rectangle, and their pixels keep
// sharp edges.
var amend = strings.NewReplacer(
	`style="font-family:Liberation Sans;`,
	`style="font-family:'Liberation Sans',Arial,Helvetica,sans-serif;`,
	` xlink:href="data:image/jpg;base64,`,
	` preserveAspectRatio="none" image-rendering="optimizeSpeed" style="image-rendering:pixelated" xlink:href="data:image/png;base64,`,
)

// svgHeader replaces that of gonum/plot: it names the figure for readers who
// cannot see it, keeps spaces, and joins lines as the PNG does.
func (s *sheet) svgHeader() string {
	title := s.page.Title
	if title == "" {
		title = "Figure"
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%[1]gpt" height="%[2]gpt" viewBox="0 0 %[1]g %[2]g" role="img" stroke-linejoin="round" xml:space="preserve">
<title>%[3]s</title>
`, round(s.width), round(s.height), html.EscapeString(clean(title)))
}
