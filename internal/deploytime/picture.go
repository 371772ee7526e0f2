package deploytime

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Sizes of the picture, in pixels.
const (
	pictureWidth = 900
	gutter       = 190 // at the left, for names
	border       = 20  // at the right
	header       = 96
	panel        = 118 // of one strategy
	plotHeight   = 62
)

// ticks are the steps of the axis; the first of at most maxTicks is taken.
var ticks = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 4 * time.Hour, 24 * time.Hour}

const maxTicks = 9

// WriteSVG draws which share of the traffic a new version of each stack gets, and
// when: of a good one, and of a bad one until an alarm ends it. The picture follows
// the reader's color scheme, and the same values give the same text.
func WriteSVG(w io.Writer, each []Values, app App) error {
	p := picture{app: app}
	for _, v := range each {
		c, err := newCurves(v, app)
		if err != nil {
			return err
		}
		p.curves = append(p.curves, c)
		p.until = max(p.until, c.good[len(c.good)-1].At, c.bad[len(c.bad)-1].At)
	}
	for _, p.tick = range ticks {
		if p.until/p.tick < maxTicks {
			break
		}
	}
	p.until = (p.until/p.tick + 1) * p.tick
	p.draw()
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// curves are those of one strategy.
type curves struct {
	Values
	good, bad []Point
}

func newCurves(v Values, app App) (c curves, err error) {
	c.Values = v
	if c.good, err = v.Traffic(v.Tasks, app); err != nil {
		return c, err
	}
	c.bad, err = v.Ringing(v.Tasks, app)
	return c, err
}

type picture struct {
	app    App
	curves []curves
	until  time.Duration // what the axis ends with
	tick   time.Duration
	b      strings.Builder
}

func (p *picture) linef(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

func (p *picture) text(class string, x, y int, text string) {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	p.linef(`<text class="%s" x="%d" y="%d">%s</text>`, class, x, y, b.String())
}

// x is where a time is, y where a share is in a panel that begins at top.
func (p *picture) x(at time.Duration) int {
	return gutter + int(float64(pictureWidth-gutter-border)*float64(at)/float64(p.until))
}

func y(top, share int) int { return top + plotHeight - plotHeight*share/100 }

const pictureStyle = `text{font-family:system-ui,sans-serif;font-size:12px}.title{font-size:18px;font-weight:600}.name{font-size:14px;font-weight:600}` +
	`.end{text-anchor:end}.mid{text-anchor:middle}.good,.bad{fill:none;stroke-width:2}.bad{stroke-dasharray:5 4}.box,.grid{stroke-width:1}
.ground{fill:#ffffff}.text{fill:#1f2328}.muted{fill:#59636e}.box,.grid{stroke:#d1d9e0}.good{stroke:#0969da}.area{fill:#0969da;opacity:.12}.bad{stroke:#cf222e}.goodt{fill:#0969da}.badt{fill:#cf222e}
@media (prefers-color-scheme:dark){.ground{fill:#0d1117}.text{fill:#f0f6fc}.muted{fill:#9198a1}.box,.grid{stroke:#3d444d}.good{stroke:#4493f8}.area{fill:#4493f8;opacity:.18}.bad{stroke:#f85149}.goodt{fill:#4493f8}.badt{fill:#f85149}}`

func (p *picture) draw() {
	height := header + panel*len(p.curves) + 4
	p.linef(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" aria-labelledby="title desc">`, pictureWidth, height)
	p.linef(`<title id="title">How traffic moves to a new version</title>`)
	p.linef(`<desc id="desc">%s</desc>`, p.sentences())
	p.linef("<style>%s</style>", pictureStyle)
	p.linef(`<rect class="ground box" x="1" y="1" width="%d" height="%d" rx="12"/>`, pictureWidth-2, height-2)
	p.text("title text", 20, 34, "How traffic moves to a new version")
	p.linef(`<path class="good" d="M20 56h24"/>`)
	p.text("muted", 52, 60, "share that a good version has")
	p.linef(`<path class="bad" d="M252 56h24"/>`)
	p.text("muted", 284, 60, "one that answers badly, until an alarm ends it")
	for i, c := range p.curves {
		p.panel(c, header+i*panel)
	}
	bottom := header + (len(p.curves)-1)*panel + plotHeight + 40
	for at := time.Duration(0); at <= p.until; at += p.tick {
		p.text("muted mid", p.x(at), bottom, fmt.Sprintf("%d", int(at.Minutes())))
	}
	p.text("muted", 20, bottom, "minutes after the start")
	p.linef("</svg>")
}

// sentences say what the picture shows.
func (p *picture) sentences() string {
	var out []string
	for _, c := range p.curves {
		out = append(out, fmt.Sprintf("%s: a good version has all traffic after %s; a bad one has %d percent when an alarm rings, and none after %s.",
			c.Strategy, Text(c.good[len(c.good)-1].At), c.Exposed(), Text(c.bad[len(c.bad)-1].At)))
	}
	return strings.Join(out, " ")
}

func (p *picture) panel(c curves, top int) {
	p.linef(`<g data-strategy="%s">`, c.Strategy)
	p.text("name text", 20, top+16, string(c.Strategy))
	for i, line := range c.detail() {
		p.text("muted", 20, top+34+16*i, line)
	}
	for at := time.Duration(0); at <= p.until; at += p.tick {
		p.linef(`<path class="grid" d="M%d %dv%d"/>`, p.x(at), top, plotHeight)
	}
	p.linef(`<path class="grid" d="M%d %dH%d"/>`, gutter, y(top, 0), pictureWidth-border)
	p.text("muted end", gutter-6, y(top, 100)+4, "100 %")
	p.text("muted end", gutter-6, y(top, 0)+4, "0")

	good := p.steps(c.good, top)
	p.linef(`<path class="area" d="%sH%dV%dZ"/>`, good, pictureWidth-border, y(top, 0))
	p.linef(`<path class="good" d="%sH%d"/>`, good, pictureWidth-border)
	p.linef(`<path class="bad" d="%s"/>`, p.steps(c.bad, top))

	all, back := c.good[len(c.good)-1].At, c.bad[len(c.bad)-1].At
	p.text("goodt"+p.side(all), p.x(all), top-6, "all traffic: "+Text(all))
	p.text("badt"+p.side(back), p.x(back), top+plotHeight+16, fmt.Sprintf("everybody is back: %s, after up to %d %% of the traffic", Text(back), c.Exposed()))
	p.linef("</g>")
}

// side lets a label end where it would not fit to the right.
func (p *picture) side(at time.Duration) string {
	if at > p.until/2 {
		return " end"
	}
	return ""
}

// steps is the path of a share that stays until it changes.
func (p *picture) steps(points []Point, top int) string {
	var b strings.Builder
	for i, pt := range points {
		if i == 0 {
			fmt.Fprintf(&b, "M%d %d", p.x(pt.At), y(top, pt.Share))
			continue
		}
		fmt.Fprintf(&b, "H%dV%d", p.x(pt.At), y(top, pt.Share))
	}
	return b.String()
}

// detail says in a few words what a strategy does.
func (c curves) detail() []string {
	switch c.Strategy {
	case Canary:
		return []string{fmt.Sprintf("%d %% for %s,", c.ShiftPercent, Text(c.ShiftEvery)), "then everything"}
	case Linear:
		return []string{fmt.Sprintf("%d %% more", c.ShiftPercent), "every " + Text(c.ShiftEvery)}
	case BlueGreen:
		return []string{"everything at once,", "after a test"}
	case Rolling:
	}
	return []string{"task by task,", fmt.Sprintf("%d to %d %% of them", c.MinimumHealthyPercent, c.MaximumPercent)}
}
