package figure

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"html"
	"image/png"
	"math"
	"strings"

	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

const dpi = 150

// SVG returns the page as a document of its own.
func (p *Page) SVG() ([]byte, error) {
	s, err := p.layout()
	if err != nil {
		return nil, err
	}
	canvas := vgsvg.New(s.width, s.height)
	if err := s.draw(canvas); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if _, err := canvas.WriteTo(&body); err != nil {
		return nil, fmt.Errorf("figure: write SVG: %w", err)
	}
	_, drawing, ok := strings.Cut(body.String(), ">\n<g ")
	if !ok {
		return nil, fmt.Errorf("figure: the SVG of gonum/plot does not start as expected")
	}
	drawing = strings.ReplaceAll(drawing, svgFont, svgFonts)
	return []byte(s.svgHeader() + "<g " + drawing), nil
}

// Arial and Helvetica have the same widths as Liberation Sans. Quotes cannot
// stand in the text of the document, so that only styles match svgFont.
const (
	svgFont  = `style="font-family:Liberation Sans;`
	svgFonts = `style="font-family:'Liberation Sans',Arial,Helvetica,sans-serif;`
)

// svgHeader replaces that of gonum/plot: it names the figure for readers who
// cannot see it, keeps spaces, and joins lines as the PNG does.
func (s *sheet) svgHeader() string {
	title := s.page.Title
	if title == "" {
		title = "Figure"
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="%[1]gpt" height="%[2]gpt" viewBox="0 0 %[1]g %[2]g" role="img" stroke-linejoin="round" xml:space="preserve">
<title>%[3]s</title>
`, round(s.width.Points()), round(s.height.Points()), html.EscapeString(clean(title)))
}

func round(v float64) float64 { return math.Round(v*100) / 100 }

// PNG returns the page at 150 dots per inch.
func (p *Page) PNG() ([]byte, error) {
	s, err := p.layout()
	if err != nil {
		return nil, err
	}
	canvas := vgimg.NewWith(vgimg.UseWH(s.width, s.height), vgimg.UseDPI(dpi))
	if err := s.draw(canvas); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, canvas.Image()); err != nil {
		return nil, fmt.Errorf("figure: write PNG: %w", err)
	}
	return withResolution(out.Bytes()), nil
}

// withResolution inserts a pHYs chunk behind the header, so that the page
// prints at its size.
func withResolution(image []byte) []byte {
	const header = 8 + 25 // signature, IHDR
	perMetre := uint32(math.Round(dpi / 0.0254))
	chunk := []byte("\x00\x00\x00\x09pHYs")
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // the unit is the metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	out := append([]byte{}, image[:header]...)
	out = append(out, chunk...)
	return append(out, image[header:]...)
}
