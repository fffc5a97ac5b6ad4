package figure

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image/png"
	"math"

	"gonum.org/v1/plot/vg/vgimg"
)

const dpi = 150

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
