package graph

import (
	"fmt"
	"strings"
)

// icon names a drawing and its color.
type icon int

const (
	iconOther icon = iota
	iconBalancer
	iconEntry
	iconTargets
	iconBucket
	iconCompute
	iconCluster
	iconPage
	iconLogs
	iconLayers
	iconLock
	iconKey
	iconBell
	iconNetwork
	iconUser
)

// shapes18 are the icons' outlines in a square of 18 pixels.
var shapes18 = map[icon]string{
	iconOther:    "M3 5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
	iconBalancer: "M2 9h4M6 9l5-5h4M6 9h9M6 9l5 5h4",
	iconEntry:    "M10 3h5v12h-5M2 9h9M7.5 5.5L11 9l-3.5 3.5",
	iconTargets:  "M9 2a7 7 0 1 0 .01 0zM9 6a3 3 0 1 0 .01 0z",
	iconBucket:   "M3 4l1.5 12h9L15 4M3 4a6 2 0 0 0 12 0a6 2 0 0 0-12 0z",
	iconCompute:  "M9 2l6.5 3.5v7L9 16l-6.5-3.5v-7zM2.5 5.5L9 9l6.5-3.5M9 9v7",
	iconCluster:  "M3 3h5v5H3zM10 3h5v5h-5zM3 10h5v5H3zM10 10h5v5h-5z",
	iconPage:     "M4 2h7l3 3v11H4zM7 8h4M7 11h4",
	iconLogs:     "M3 4h12M3 8h8M3 12h12M3 16h6",
	iconLayers:   "M9 2l7 3.5-7 3.5-7-3.5zM2 9l7 3.5L16 9M2 12.5L9 16l7-3.5",
	iconLock:     "M4 8h10v8H4zM6 8V5.5a3 3 0 0 1 6 0V8",
	iconKey:      "M5.5 6a3 3 0 1 0 .01 0zM8.5 9H16M12.5 9v3M15.5 9v3",
	iconBell:     "M3.5 13h11L13 11V8a4 4 0 0 0-8 0v3zM7.5 15.5h3",
	iconNetwork:  "M9 2a7 7 0 1 0 .01 0zM2 9h14M9 2c-4 4-4 10 0 14M9 2c4 4 4 10 0 14",
	iconUser:     "M9 2a3.5 3.5 0 1 0 .01 0zM2.5 16c0-7 13-7 13 0z",
}

// tone is a color of the picture on light and on dark ground.
type tone struct{ class, light, dark string }

// The colors of GitHub's own themes, so that the picture sits well in a page.
var (
	toneGround = tone{"ground", "#ffffff", "#0d1117"}
	toneCard   = tone{"card", "#f6f8fa", "#151b23"}
	toneRow    = tone{"row", "#ffffff", "#212830"}
	toneLine   = tone{"line", "#d1d9e0", "#3d444d"}
	toneText   = tone{"text", "#1f2328", "#f0f6fc"}
	toneMuted  = tone{"muted", "#59636e", "#9198a1"}
	toneArrow  = tone{"arrow", "#424a53", "#b7bdc8"}
	toneFrame  = tone{"frame", "#0969da", "#4493f8"}
	accents    = map[icon]tone{
		iconOther: {"other", "#59636e", "#9198a1"}, iconPage: {"compute", "#bc4c00", "#f0883e"}, iconCluster: {"compute", "#bc4c00", "#f0883e"},
		iconBalancer: {"traffic", "#8250df", "#ab7df8"}, iconEntry: {"traffic", "#8250df", "#ab7df8"},
		iconTargets: {"traffic", "#8250df", "#ab7df8"}, iconCompute: {"compute", "#bc4c00", "#f0883e"},
		iconBucket: {"store", "#1a7f37", "#3fb950"}, iconLayers: {"store", "#1a7f37", "#3fb950"},
		iconLock: {"secret", "#bf3989", "#f778ba"}, iconKey: {"secret", "#bf3989", "#f778ba"},
		iconBell: {"notify", "#9a6700", "#d29922"}, iconLogs: {"logs", "#1b7c83", "#39c5cf"},
		iconNetwork: toneFrame, iconUser: {"user", "#1f2328", "#f0f6fc"},
	}
)

// accent is the color of a card: that of its first row.
func (c *card) accent() tone {
	if len(c.rows) == 0 {
		return accents[iconOther]
	}
	return accents[c.rows[0].icon]
}

// style is the picture's style sheet. A picture in a page follows the reader's
// color scheme; what does not know color schemes draws it light.
func style() string {
	var b strings.Builder
	fmt.Fprintf(&b, "text{font-family:system-ui,sans-serif;font-size:%gpx}", sizeDetail)
	fmt.Fprintf(&b, ".title{font-size:%dpx;font-weight:600}.name{font-size:%dpx;font-weight:600}.label{font-size:%dpx;font-weight:600}",
		sizeTitle, sizeName, sizeLabel)
	b.WriteString(".icon{fill:none;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}")
	b.WriteString(".way{fill:none;stroke-width:1.5}.box{stroke-width:1.5}.dashed{fill:none;stroke-width:1.5;stroke-dasharray:6 4}\n")
	colors := func(pick func(tone) string) {
		for _, t := range []tone{toneGround, toneCard, toneRow, toneText, toneMuted, toneArrow} {
			fmt.Fprintf(&b, ".%s{fill:%s}", t.class, pick(t))
		}
		for _, t := range strokes() {
			fmt.Fprintf(&b, ".s-%s{stroke:%s}", t.class, pick(t))
		}
	}
	colors(func(t tone) string { return t.light })
	b.WriteString("\n@media (prefers-color-scheme:dark){")
	colors(func(t tone) string { return t.dark })
	b.WriteString("}")
	return b.String()
}

// strokes are the tones that lines are drawn in, each once.
func strokes() []tone {
	out := []tone{toneLine, toneArrow}
	seen := map[string]bool{}
	for i := iconOther; i <= iconUser; i++ {
		if t := accents[i]; !seen[t.class] {
			seen[t.class] = true
			out = append(out, t)
		}
	}
	return out
}
