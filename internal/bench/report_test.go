package bench_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bench"
	"evenkeel/internal/golden"
)

func figure(seconds ...float64) *bench.Figure {
	return &bench.Figure{Seconds: seconds, CPUSeconds: seconds, Memory: bench.Memory{Command: 1500, Largest: 620, Emulator: 340}}
}

func sample() *bench.Report {
	r := &bench.Report{
		Date: "2025-01-31", Command: "make bench",
		Machine: bench.Machine{CPUs: 4, MemoryGiB: 24, System: "linux/amd64", Go: "go1.26.8", Load: 0.2},
		Program: &bench.Build{Cold: *figure(59.4), Edited: *figure(7.26), Warm: *figure(0.31, 0.29, 9), BinaryMiB: 97, CacheMiB: 1161},
		Targets: []bench.Target{
			{Name: "prod", Resources: 49, Steps: map[bench.Step]*bench.Figure{bench.Up: figure(67, 66, 90), bench.SamePreview: figure(3.4, 3.8)}},
			{Name: "50 services", Resources: 1515, Steps: map[bench.Step]*bench.Figure{bench.SamePreview: figure(7.5)}},
		},
	}
	r.Program.Cold.Memory = bench.Memory{Command: 3500, Largest: 2600}
	bench.Judge(r)
	return r
}

func TestTables(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, sample().WriteText(&text))
	golden.Equal(t, "testdata/report.txt", text.String())
	golden.Equal(t, "testdata/report.md", sample().Markdown())
}

func TestTextIsAligned(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, sample().WriteText(&text))
	_, memory, found := strings.Cut(text.String(), "Peak memory\n")
	require.True(t, found)
	lines := strings.Split(memory, "\n")
	column := func(line, of string) int { return utf8.RuneCountInString(line[:strings.Index(line, of)]) }
	assert.Equal(t, column(lines[0], "50 services"), column(lines[1], "1500 MiB")+column(lines[0], "50 services")-column(lines[0], "prod"))
}

func TestJSONHasEveryFigure(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, sample().WriteJSON(&out))
	var back bench.Report
	require.NoError(t, json.Unmarshal(out.Bytes(), &back))
	assert.Equal(t, sample(), &back)
}

func TestGoals(t *testing.T) {
	met := map[string]bool{}
	for _, g := range sample().Goals {
		met[g.What] = g.Met
	}
	assert.Equal(t, map[string]bool{
		"cold build of the program": true, "largest process of the cold build": true,
		"no-change preview of prod": true, "no-change preview of 50 services": false,
	}, met)
}

func TestAGoalThatWasNotMeasuredIsNotMet(t *testing.T) {
	r := &bench.Report{Targets: []bench.Target{{Name: "prod", Steps: map[bench.Step]*bench.Figure{}}}}
	bench.Judge(r)
	assert.Empty(t, r.Goals)
}

func TestMedian(t *testing.T) {
	for name, c := range map[string]struct {
		seconds []float64
		want    float64
	}{
		"none": {nil, 0}, "one": {[]float64{3}, 3}, "odd": {[]float64{9, 1, 2}, 2}, "even": {[]float64{4, 1, 2, 9}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			f := bench.Figure{Seconds: c.seconds}
			assert.InDelta(t, c.want, f.Median(), 1e-9)
		})
	}
}

func TestSplice(t *testing.T) {
	page := "# Page\n\n" + bench.Begin + "\nold\n" + bench.End + "\n\nMore.\n"
	got, err := bench.Splice(page, "new\n")
	require.NoError(t, err)
	assert.Equal(t, strings.Replace(page, "old", "new", 1), got)
	again, err := bench.Splice(got, "new\n")
	require.NoError(t, err)
	assert.Equal(t, got, again)
}

func TestSpliceNeedsItsPlace(t *testing.T) {
	for name, page := range map[string]string{
		"nothing": "# Page\n", "no end": bench.Begin + "\n", "the wrong way round": bench.End + "\n" + bench.Begin + "\n",
		"twice": strings.Repeat(bench.Begin+"\n"+bench.End+"\n", 2),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bench.Splice(page, "new")
			assert.ErrorContains(t, err, "each once")
		})
	}
}

func TestTheCommittedPageHasThePlace(t *testing.T) {
	require.NoError(t, bench.Recordable("../../docs/performance.md"))
}

func TestRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "performance.md")
	require.NoError(t, os.WriteFile(file, []byte("# Page\n"+bench.Begin+"\n"+bench.End+"\n"), 0o600))
	require.NoError(t, sample().Record(file))
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(raw), "| 50 services |")
	assert.ErrorIs(t, sample().Record(filepath.Join(t.TempDir(), "none.md")), os.ErrNotExist)
}
