package dashboard_test

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// measured is what a browser says of the page once it stands.
type measured struct {
	// Width is the screen's, Content what the page takes of it, in pixels.
	Width, Content float64
	// Text is the height of the smallest text in a chart, in pixels.
	Text float64
	// Charts is how many are seen.
	Charts int
	// Cut names the widgets that do not show all they have.
	Cut []string
}

// measure is added to the page for the test and tells the frame around it.
const measure = `<script>addEventListener("load", () => {
  const root = document.documentElement;
  const seen = [...document.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().height > 0);
  parent.postMessage(JSON.stringify({
    width: innerWidth, content: root.scrollWidth, charts: seen.length,
    text: Math.min(...seen.flatMap(s => [...s.querySelectorAll("text")]).map(t => t.getBoundingClientRect().height)),
    cut: [...document.querySelectorAll("section.metric, section.alarm")]
      .filter(s => s.scrollHeight > s.clientHeight + 1 || s.scrollWidth > s.clientWidth + 1).map(s => s.innerText.split("\n")[0]),
  }), "*");
});</script>`

// framed shows the page in a frame: browsers have windows no narrower than a
// desktop's, and frames of any width.
func framed(t *testing.T, page string, width int) measured {
	t.Helper()
	folder := t.TempDir()
	with := strings.Replace(page, "</body>", measure+"</body>", 1)
	require.NotEqual(t, page, with)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "page.html"), []byte(with), 0o600))
	frame := fmt.Sprintf(`<!doctype html><body><pre></pre><script>addEventListener("message", e => {
		document.querySelector("pre").textContent = e.data;
	});</script><iframe src="page.html" style="border:0;width:%dpx;height:2000px"></iframe></body>`, width)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "frame.html"), []byte(frame), 0o600))
	dom := browse(t, folder, "frame.html", "--virtual-time-budget=5000", "--dump-dom")
	found := regexp.MustCompile(`(?s)<pre>(.*?)</pre>`).FindStringSubmatch(dom)
	require.Len(t, found, 2, dom)
	var m measured
	require.NoError(t, json.Unmarshal([]byte(html.UnescapeString(found[1])), &m), dom)
	require.InDelta(t, width, m.Width, 0.1, "the frame is not as wide as it should be")
	return m
}

// On every screen the page scrolls down only, its texts can be read, and nothing
// is cut off.
func TestPageFitsEveryScreen(t *testing.T) {
	for _, name := range []string{"full", "plain"} {
		text := body(t, name)
		charts := 0
		for _, w := range widgets(t, text) {
			if w.Properties.View == "timeSeries" {
				charts++
			}
		}
		for screen, width := range map[string]int{"phone": 390, "small phone": 320, "tablet": 820, "laptop": 1280, "desktop": 1440, "wide": 2560} {
			t.Run(name+" on a "+screen, func(t *testing.T) {
				m := framed(t, report(t, text), width)
				assert.LessOrEqual(t, m.Content, m.Width, "the page scrolls sideways")
				assert.Equal(t, charts, m.Charts, "each chart is seen once")
				assert.GreaterOrEqual(t, m.Text, 9.0, "a text of %v pixels cannot be read", m.Text)
				assert.Empty(t, m.Cut)
			})
		}
	}
}
