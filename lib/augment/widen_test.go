package augment

import (
	"strings"
	"testing"
)

// tiny is a study of seconds on the pure-Go backend.
func tiny(t *testing.T) PictureConfig {
	c := DefaultPictures()
	c.Run, c.Seeds, c.PerClass, c.Fill = t.TempDir(), 2, []int{3}, []int{5}
	c.Steps, c.Batch, c.GAN = 12, 8, GAN{Steps: 1, Batch: 4}
	return c
}

func TestComparePictures(t *testing.T) {
	c, learn, test := tiny(t), lines(20), lines(10)
	c.Arms = []string{"nothing", "classic", "dcgan"}
	told := 0
	scores, err := ComparePictures(t.Context(), c, learn, test, func(Scored, bool) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	if len(scores) != 6 || told != 6 || scores[0].ROCAUC < 0.5 {
		t.Errorf("%d scores, %d told: %+v", len(scores), told, scores)
	}
	again, err := ComparePictures(t.Context(), c, learn, test, func(s Scored, before bool) {
		if !before {
			t.Errorf("%+v is measured a second time", s)
		}
	})
	if err != nil || again[5] != scores[5] {
		t.Errorf("%+v, then %+v, %v", scores[5], again[5], err)
	}
	near, err := c.Nearest(t.Context(), scores[4].Cell, learn, test)
	if err != nil || len(near.Made.Pixels) != 4 || len(near.Distances) != 4 || len(near.Held) != 20 {
		t.Fatalf("%d made, %d held out, %v", len(near.Made.Pixels), len(near.Held), err)
	}
	made, nearest := near.Rows([]int{0, 3})
	if len(made) != 2 || len(nearest[1]) != Size*Size {
		t.Errorf("%d, %d", len(made), len(nearest))
	}
	if label := near.few.Labels[near.places[3]]; label != near.Made.Labels[3] {
		t.Errorf("the nearest of class %d is of class %d", near.Made.Labels[3], label)
	}
}

func TestComparePicturesStyleGAN(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a StyleGAN")
	}
	c := tiny(t)
	c.Arms = []string{"classic+stylegan", "nothing"}
	scores, err := ComparePictures(t.Context(), c, lines(20), lines(10), func(Scored, bool) {})
	if err != nil || len(scores) != 4 {
		t.Errorf("%+v, %v", scores, err)
	}
}

func TestComparePicturesRefuses(t *testing.T) {
	for want, change := range map[string]func(*PictureConfig, *Pictures){
		"steps is 0":                     func(c *PictureConfig, _ *Pictures) { c.Steps = 0 },
		"gan_batch is 0":                 func(c *PictureConfig, _ *Pictures) { c.GAN.Batch = 0 },
		"turn is 200":                    func(c *PictureConfig, _ *Pictures) { c.Turn = 200 },
		"there are 40 pictures of 16×16": func(_ *PictureConfig, p *Pictures) { p.Size = 16 },
	} {
		c, learn := tiny(t), lines(20)
		change(&c, &learn)
		if _, err := ComparePictures(t.Context(), c, learn, lines(2), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
