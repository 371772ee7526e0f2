package dashboard_test

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What report.css says of where widgets stand in a window of this width.
const (
	windowWidth, windowHeight = 1440, 2400
	gridLeft, gridTop         = 29, 64
	column, gridRow, gridGap  = 48, 40, 10
)

// browser finds what CHROME names, or else a browser on PATH. Without one the
// test is skipped, or fails where EVENKEEL_REQUIRE_BROWSER is 1.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROME"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no chromium, chromium-browser or google-chrome on PATH, and CHROME names none: the page is not looked at"
	if os.Getenv("EVENKEEL_REQUIRE_BROWSER") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// browse opens a file of the folder and returns what the browser prints.
func browse(t *testing.T, folder, file string, flags ...string) string {
	t.Helper()
	program := browser(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir=" + filepath.Join(folder, "profile"),
		"--window-size=" + strconv.Itoa(windowWidth) + "," + strconv.Itoa(windowHeight),
	}, flags...)
	var stderr strings.Builder
	command := exec.CommandContext(ctx, program, append(args, "file://"+filepath.Join(folder, file))...) //nolint:gosec // the browser, on our own page
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, "%s", &stderr)
	return string(out)
}

// screenshot draws the page as people see it.
func screenshot(t *testing.T, page string, flags ...string) image.Image {
	t.Helper()
	folder := t.TempDir()
	picture := filepath.Join(folder, "page.png")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "page.html"), []byte(page), 0o600))
	browse(t, folder, "page.html", append(flags, "--screenshot="+picture)...)
	f, err := os.Open(picture)
	require.NoError(t, err)
	defer f.Close()
	decoded, err := png.Decode(f)
	require.NoError(t, err)
	return decoded
}

// area is where the widget stands.
func (w widget) area() image.Rectangle {
	x, y := gridLeft+w.X*(column+gridGap), gridTop+w.Y*(gridRow+gridGap)
	return image.Rect(x, y, x+w.Width*(column+gridGap)-gridGap, y+w.Height*(gridRow+gridGap)-gridGap)
}

// colors counts the pixels of every color.
func colors(of image.Image, in image.Rectangle) map[string]int {
	out := map[string]int{}
	for x := in.Min.X; x < in.Max.X; x++ {
		for y := in.Min.Y; y < in.Max.Y; y++ {
			out[hex(of.At(x, y))]++
		}
	}
	return out
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	text := strconv.FormatUint(uint64(1<<24|(r>>8)<<16|(g>>8)<<8|b>>8), 16)
	return "#" + text[1:]
}

func TestPageInABrowser(t *testing.T) {
	for name, tc := range map[string]struct {
		flags      []string
		page, card string
	}{
		"light": {nil, "#f4f5f7", "#ffffff"},
		"dark":  {[]string{"--force-dark-mode"}, "#10141a", "#181d25"},
	} {
		t.Run(name, func(t *testing.T) {
			text := body(t, "full")
			picture := screenshot(t, report(t, text), tc.flags...)
			require.Equal(t, image.Rect(0, 0, windowWidth, windowHeight), picture.Bounds())
			assert.Equal(t, tc.page, hex(picture.At(2, windowHeight/2)))
			for _, w := range widgets(t, text) {
				label := w.Type + " " + w.Properties.Title
				// Between two widgets is the page, at the first pixel inside a card.
				assert.Equal(t, tc.page, hex(picture.At(w.area().Min.X+20, w.area().Min.Y-3)), label)
				assert.Equal(t, tc.card, hex(picture.At(w.area().Min.X+20, w.area().Min.Y+3)), label)
				// Below the title, above the legend, within the border.
				inside := image.Rect(w.area().Min.X+8, w.area().Min.Y+34, w.area().Max.X-8, w.area().Max.Y-50)
				seen := colors(picture, inside)
				drawn := inside.Dx()*inside.Dy() - seen[tc.card]
				assert.Greater(t, drawn, inside.Dx()*inside.Dy()/200, "%s is blank", label)
				if name == "light" && w.Properties.View == "timeSeries" {
					checkColors(t, w, seen)
				}
			}
		})
	}
}

// checkColors finds a line and every threshold in the plot. Lines may cover
// each other, so that not every one must be seen.
func checkColors(t *testing.T, w widget, seen map[string]int) {
	t.Helper()
	lines := 0
	for _, o := range w.visible() {
		lines += seen[o["color"].(string)]
	}
	assert.Greater(t, lines, 20, "%s: no line is seen", w.Properties.Title)
	for _, a := range w.Properties.Annotations.Horizontal {
		assert.Greater(t, seen[a.Color], 50, "%s: %s is not seen", w.Properties.Title, a.Label)
	}
}
