package vae

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestScore wants a picture unlike those learnt to score worse in each way, and the importance weighted bound to be the tighter one.
func TestScore(t *testing.T) {
	m := trained(t, filepath.Join(t.TempDir(), "run"))
	bar, cross := make([]float32, 64), make([]float32, 64)
	for row := range 8 {
		bar[row*8+3] = 1
		cross[row*8+row], cross[row*8+7-row] = 1, 1
	}
	s, err := m.Score(t.Context(), [][]float32{bar, cross}, 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !(s.ELBO[0] > s.ELBO[1] && s.IWAE[0] > s.IWAE[1] && s.LogProbability[0] > s.LogProbability[1] && s.MeanError[0] < s.MeanError[1]) {
		t.Errorf("the strange picture looks usual: %+v", s)
	}
	for i := range s.ELBO {
		if s.IWAE[i] < s.ELBO[i] || s.LogProbability[i] < s.ELBO[i] {
			t.Errorf("picture %d: bounds in the wrong order: %+v", i, s)
		}
	}
	if _, err := m.Score(t.Context(), [][]float32{bar}, 0, 1); err == nil || !strings.Contains(err.Error(), "samples is 0: it must be at least 1") {
		t.Errorf("no samples: %v", err)
	}
}
