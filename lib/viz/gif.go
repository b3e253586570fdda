package viz

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"path/filepath"
	"strings"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// maxGIFBytes limits an animation in a notebook, as maxBytes does a picture.
const maxGIFBytes = 1 << 20

// SaveGIF writes frames of one size as an animation that repeats. The file appears whole or not at all.
func SaveGIF(path string, frames []image.Image, delay time.Duration) error {
	if !strings.EqualFold(filepath.Ext(path), ".gif") {
		return fmt.Errorf("viz: saving an animation to %q: it must be a name that ends in .gif", path)
	}
	data, err := encodeGIF(frames, delay)
	if err != nil {
		return err
	}
	return writeWhole(path, data)
}

// ShowGIF plays frames inline in a notebook, scaled down to the limits there. Elsewhere it writes out/NAME.gif and says so.
func ShowGIF(frames []image.Image, delay time.Duration, name ...string) error {
	if !gonbui.IsNotebook {
		path, err := outPath("animation", ".gif", name)
		if err != nil {
			return err
		}
		if err := SaveGIF(path, frames, delay); err != nil {
			return err
		}
		_, err = fmt.Printf("animation: %s\n", path)
		return err
	}
	data, err := encodeGIF(frames, delay)
	for err == nil && len(data) > maxGIFBytes && frames[0].Bounds().Dx() >= 64 {
		frames = shrinkAll(frames)
		data, err = encodeGIF(frames, delay)
	}
	if err != nil {
		return err
	}
	// As HTML, because exported notebooks leave image/gif out.
	gonbui.DisplayHTML(`<img alt="animation" src="data:image/gif;base64,` + base64.StdEncoding.EncodeToString(data) + `">`)
	return Flush()
}

func encodeGIF(frames []image.Image, delay time.Duration) ([]byte, error) {
	if len(frames) == 0 {
		return nil, fmt.Errorf("viz: animation without frames")
	}
	if delay < 20*time.Millisecond || delay > 10*time.Minute { // browsers slow down what is faster
		return nil, fmt.Errorf("viz: animation with %v a frame: it must be 20ms to 10m", delay)
	}
	for i, f := range frames {
		if err := Err(f); err != nil {
			return nil, fmt.Errorf("frame %d: %w", i, err)
		}
		if f.Bounds().Size() != frames[0].Bounds().Size() {
			return nil, fmt.Errorf("viz: frame %d has size %v, the first %v: there must be one size", i, f.Bounds().Size(), frames[0].Bounds().Size())
		}
	}
	colors, exact := paletteOf(frames)
	var drawer draw.Drawer = draw.Src
	if !exact {
		drawer = draw.FloydSteinberg
	}
	anim := gif.GIF{}
	for _, f := range frames {
		p := image.NewPaletted(image.Rectangle{Max: f.Bounds().Size()}, colors)
		drawer.Draw(p, p.Bounds(), f, f.Bounds().Min)
		anim.Image = append(anim.Image, p)
		anim.Delay = append(anim.Delay, int(delay/(10*time.Millisecond)))
	}
	var buf bytes.Buffer
	if err := gif.EncodeAll(&buf, &anim); err != nil {
		return nil, fmt.Errorf("viz: encoding an animation: %w", err)
	}
	return buf.Bytes(), nil
}

// paletteOf gives the frames' own colours where a GIF's 256 hold them all, as they do grey images.
func paletteOf(frames []image.Image) (colors color.Palette, exact bool) {
	seen := map[color.RGBA]bool{}
	for _, f := range frames {
		b := f.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				c := color.RGBAModel.Convert(f.At(x, y)).(color.RGBA)
				if seen[c] {
					continue
				}
				if len(colors) == 256 {
					return palette.Plan9, false
				}
				seen[c] = true
				colors = append(colors, c)
			}
		}
	}
	return colors, true
}
