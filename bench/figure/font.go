package figure

import (
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

var fonts = font.NewCache(liberation.Collection())

// Raised and lowered text: its size over that of the text around it, and the
// shifts of its baseline in the same unit.
const (
	scriptScale = 0.74
	raise       = 0.36
	lower       = -0.15
)

// scriptFace is the font of raised, lowered or other text, and the shift of its baseline.
func scriptFace(f font.Font, level int) (font.Face, vg.Length) {
	switch {
	case level > 0:
		return fonts.Lookup(f, f.Size*scriptScale), f.Size * raise
	case level < 0:
		return fonts.Lookup(f, f.Size*scriptScale), f.Size * lower
	}
	return fonts.Lookup(f, f.Size), 0
}
