package graph

// What the tests of the picture measure with.
var (
	TextWidth = textWidth
	FitText   = fitText
)

// TextSizes has the size of each text class, true for bold.
var TextSizes = map[string]struct {
	Size float64
	Bold bool
}{"title": {sizeTitle, true}, "name": {sizeName, true}, "label": {sizeLabel, true}, "muted": {sizeDetail, false}}

// Contrast is a pair of colors, drawn upon each other.
type Contrast struct {
	Name, Above, Below string
	Text               bool
}

// Contrasts lists what is drawn on what, in both looks.
func Contrasts() []Contrast {
	var out []Contrast
	for _, below := range []tone{toneGround, toneCard, toneRow} {
		add := func(above tone, text bool) {
			name := above.class + " on " + below.class
			out = append(out, Contrast{name + ", light", above.light, below.light, text},
				Contrast{name + ", dark", above.dark, below.dark, text})
		}
		add(toneText, true)
		add(toneMuted, true)
		add(toneArrow, false)
		for _, accent := range accents {
			add(accent, false)
		}
	}
	return out
}
