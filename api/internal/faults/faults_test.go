package faults

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestFaultsLastAsLongAsTheyShould(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New("", slog.New(slog.DiscardHandler), nil)
		s.set(Settings{LatencyMs: 1})
		assert.Equal(t, Settings{LatencyMs: 1, Seconds: 60}, s.Current())
		time.Sleep(59 * time.Second)
		// A new setting has a time of its own.
		s.set(Settings{LatencyMs: 2, Seconds: 3600})
		time.Sleep(time.Hour - time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, 2, s.Current().LatencyMs)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.Zero(t, s.Current())
	})
}

// The timer of replaced faults may already be under way when it is stopped.
func TestLateTimerEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New("", slog.New(slog.DiscardHandler), nil)
		s.expire()
		s.set(Settings{NotReady: true, Seconds: 10})
		s.expire()
		assert.True(t, s.Current().NotReady)
		s.clear()
		assert.Zero(t, s.Current())
	})
}

func TestErrorRatio(t *testing.T) {
	s := New("", slog.New(slog.DiscardHandler), nil)
	s.set(Settings{ErrorRatio: 0.25})
	rolls := 0
	s.roll = func() float64 { rolls++; return float64(rolls%100) / 100 }
	count := map[int]int{}
	h := s.Inject(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for range 1000 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		count[w.Code]++
	}
	assert.Equal(t, map[int]int{http.StatusInternalServerError: 250, http.StatusNoContent: 750}, count)
	s.clear()
}

func TestSwitchThatIsNotThere(t *testing.T) {
	var s *Switch
	assert.Zero(t, s.Current())
	assert.Empty(t, s.Routes())
	w := httptest.NewRecorder()
	s.Inject(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusNotFound, w.Code)
}
