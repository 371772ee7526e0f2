package deploytime_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/deploytime"
)

// shifted is the sample under another strategy.
func shifted(s deploytime.Strategy, percent int, every time.Duration) deploytime.Values {
	v := sample()
	v.Strategy, v.ShiftPercent, v.ShiftEvery, v.Termination = s, percent, every, time.Hour
	return v
}

// Whatever the strategy, the traffic begins at nothing, never goes back, and has
// moved when the plan of the same deployment says so.
func TestTrafficIsThatOfThePlan(t *testing.T) {
	for name, v := range map[string]deploytime.Values{
		"rolling": sample(), "blueGreen": shifted(deploytime.BlueGreen, 0, 0), "canary": shifted(deploytime.Canary, 10, 10*time.Minute),
		"linear": shifted(deploytime.Linear, 30, time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			points, err := v.Traffic(v.Tasks, app())
			require.NoError(t, err)
			assert.Equal(t, deploytime.Point{}, points[0])
			for i, p := range points[1:] {
				assert.Greater(t, p.At, points[i].At)
				assert.Greater(t, p.Share, points[i].Share)
			}
			assert.Equal(t, deploytime.Point{At: healthy(t, v, v.Tasks).Serving().Expected, Share: 100}, points[len(points)-1])

			bad, err := v.Ringing(v.Tasks, app())
			require.NoError(t, err)
			most := bad[len(bad)-2].Share
			assert.Equal(t, v.Exposed(), most, "what the table says")
			assert.Zero(t, bad[len(bad)-1].Share)
		})
	}
}

func TestTrafficByHand(t *testing.T) {
	at := func(seconds int) time.Duration { return time.Duration(seconds) * time.Second }
	points, err := sample().Traffic(2, app())
	require.NoError(t, err)
	// Both new tasks serve beside both old ones for as long as ECS takes to notice.
	assert.Equal(t, []deploytime.Point{{}, {At: at(42), Share: 50}, {At: at(47), Share: 100}}, points)

	linear, err := shifted(deploytime.Linear, 40, time.Minute).Traffic(2, app())
	require.NoError(t, err)
	require.Len(t, linear, 4)
	assert.Equal(t, []int{0, 40, 80, 100}, []int{linear[0].Share, linear[1].Share, linear[2].Share, linear[3].Share})
	assert.Equal(t, time.Minute, linear[2].At-linear[1].At)

	none := sample()
	none.Alarms = nil
	_, err = none.Ringing(2, app())
	require.ErrorContains(t, err, "rolls back on no alarm")
}

// Every label is within the picture, and none is upon another.
func TestPictureIsReadable(t *testing.T) {
	var b strings.Builder
	require.NoError(t, deploytime.WriteSVG(&b, []deploytime.Values{
		sample(), shifted(deploytime.BlueGreen, 0, 0), shifted(deploytime.Canary, 10, 10*time.Minute), shifted(deploytime.Linear, 10, time.Minute),
		shifted(deploytime.Canary, 50, 119*time.Minute),
	}, app()))
	labels := labelsOf(t, b.String())
	require.Greater(t, len(labels), 40)
	for i, l := range labels {
		assert.True(t, l.left >= 0 && l.right <= 900, "%q is cut off: %d to %d", l.text, l.left, l.right)
		for _, other := range labels[:i] {
			apart := l.right < other.left || other.right < l.left || l.y-other.y >= 12 || other.y-l.y >= 12
			assert.True(t, apart, "%q is upon %q", l.text, other.text)
		}
	}
	var again strings.Builder
	require.Error(t, deploytime.WriteSVG(&again, []deploytime.Values{{Strategy: deploytime.Canary, ShiftPercent: 10, ShiftEvery: time.Minute}}, app()), "without an alarm")
}

type label struct {
	text           string
	left, right, y int
}

// labelsOf are the texts of a picture, each as wide as a wide font draws it.
func labelsOf(t *testing.T, svg string) []label {
	t.Helper()
	var out []label
	var open *xml.StartElement
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			open = nil
			if token.Name.Local == "text" {
				open = &token
			}
		case xml.CharData:
			if open == nil {
				continue
			}
			a := map[string]string{}
			for _, attr := range open.Attr {
				a[attr.Name.Local] = attr.Value
			}
			x, err := strconv.Atoi(a["x"])
			require.NoError(t, err)
			y, err := strconv.Atoi(a["y"])
			require.NoError(t, err)
			out, open = append(out, boxed(string(token), a["class"], x, y)), nil
		}
	}
}

func boxed(text, class string, x, y int) label {
	width := 7 * len(text)
	switch {
	case strings.Contains(class, "title"):
		width = 11 * len(text)
	case strings.Contains(class, "name"):
		width = 9 * len(text)
	}
	l := label{text: text, left: x, right: x + width, y: y}
	switch {
	case strings.Contains(class, "end"):
		l.left, l.right = x-width, x
	case strings.Contains(class, "mid"):
		l.left, l.right = x-width/2, x+width/2
	}
	return l
}
