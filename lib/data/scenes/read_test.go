package scenes

import (
	"math/rand/v2"
	"testing"
)

// TestRead wants pictures to be read back as they were made, and each to be obeyed.
func TestRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{32, 64} {
		wrong := 0
		const all = 3000
		for range all {
			s := random(rng)
			if !s.Obeyed(Draw(s.Place(rng, size), size), size) {
				if wrong++; wrong < 5 {
					t.Logf("%s: %+v", s.Caption(English), Read(Draw(s.Place(rng, size), size), size))
				}
			}
		}
		if wrong > all/1000 {
			t.Errorf("%d of %d true pictures of %d pixels aren't obeyed", wrong, all, size)
		}
	}
}
