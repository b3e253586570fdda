package viz

import (
	"image"
	"strings"
	"testing"
	"time"
)

func TestPlayerHTML(t *testing.T) {
	hostile := `</script><img src=x onerror=alert(1)>"`
	page, err := PlayerHTML(hostile, []image.Image{Grid(discs(1, 8), 1), Grid(discs(2, 8), 2)}, []string{"one", hostile}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page, "<img src=x") || strings.Count(page, "</script>") != 1 {
		t.Errorf("a title or a label became a tag: %s", page)
	}
	if strings.Count(page, "data:image/png;base64,") != 3 {
		t.Error("want two frames, and the last one shown")
	}
	if strings.Contains(page, "getElementById") {
		t.Error("a player shown twice on a page has its id twice: its script must not go by it")
	}
	for _, bad := range []func() (string, error){
		func() (string, error) { return PlayerHTML("x", nil, nil, time.Second) },
		func() (string, error) { return PlayerHTML("x", []image.Image{Grid(discs(1, 8), 1)}, nil, time.Second) },
		func() (string, error) {
			return PlayerHTML("x", []image.Image{Grid(Images{}, 1)}, []string{""}, time.Second)
		},
		func() (string, error) { return PlayerHTML("x", []image.Image{Grid(discs(1, 8), 1)}, []string{""}, 0) },
	} {
		if _, err := bad(); err == nil {
			t.Error("a player that can't be was made")
		}
	}
}

func TestAttentionHTMLEscapes(t *testing.T) {
	page, err := AttentionHTML(AttentionMap{Name: "</script>x", Queries: []string{"</script><b>"}, Keys: []string{"k"}, Weights: [][][][]float32{{{{1}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(page, "</script>") != 1 || strings.Contains(page, "<b>") {
		t.Error("a token became a tag")
	}
}

func TestBars(t *testing.T) {
	c := Bars([]string{"a", "b"}, []float64{1, 0.25})
	if err := Err(c); err != nil {
		t.Fatal(err)
	}
	count := func(y int) (n int) {
		for x := range c.Bounds().Dx() {
			if r, g, b, _ := c.At(x, y).RGBA(); r == 0 && g>>8 == 0x72 && b>>8 == 0xb2 {
				n++
			}
		}
		return n
	}
	if a, b := count(margin+11), count(margin+33); a != 400 || b != 100 {
		t.Errorf("bars of %d and %d pixels, want 400 and 100", a, b)
	}
	if Err(Bars([]string{"a"}, []float64{2})) == nil || Err(Bars(nil, nil)) == nil {
		t.Error("bars that can't be were drawn")
	}
}
