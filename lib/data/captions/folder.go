package captions

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // what pictures may be
	_ "image/png"
	"path/filepath"
	"strings"

	"genlab/lib/data/decode"
	"genlab/lib/data/files"
	"genlab/lib/data/images"
)

// File is what holds a folder's captions: a line for each picture, its path in the folder, a tab, and a caption. A picture with several
// captions has a line for each.
const File = "captions.tsv"

// Folder reads the pictures, PNG or JPEG, that a folder's [File] names; their middles become size×size, transparent parts white.
func Folder(dir string, size int) (Pairs, error) {
	path := filepath.Join(dir, File)
	raw, err := files.Read(path, 64<<20)
	if err != nil {
		return Pairs{}, fmt.Errorf("captions: %w", err)
	}
	text, err := decode.Text(raw)
	if err != nil {
		return Pairs{}, fmt.Errorf("captions: %s: %w", path, err)
	}
	p := Pairs{Size: size, From: dir}
	place := map[string]int{}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, caption, ok := strings.Cut(line, "\t")
		if !ok || len(Words(caption)) == 0 {
			return Pairs{}, fmt.Errorf("captions: line %d of %s has no caption: it must be a file, a tab and a caption", i+1, path)
		}
		if at, known := place[name]; known {
			p.List[at].Captions = append(p.List[at].Captions, strings.TrimSpace(caption))
			continue
		}
		if !filepath.IsLocal(name) {
			return Pairs{}, fmt.Errorf("captions: line %d of %s names %q: it must be a file in the folder", i+1, path, name)
		}
		raw, err := files.Read(filepath.Join(dir, name), 64<<20)
		if err != nil {
			return Pairs{}, fmt.Errorf("captions: line %d of %s: %w", i+1, path, err)
		}
		picture, err := square(raw, size)
		if err != nil {
			return Pairs{}, fmt.Errorf("captions: %s: %w", filepath.Join(dir, name), err)
		}
		place[name] = len(p.List)
		p.List = append(p.List, Pair{picture, []string{strings.TrimSpace(caption)}})
	}
	if len(p.List) == 0 {
		return Pairs{}, fmt.Errorf("captions: %s names no pictures: it must have a line for each", path)
	}
	return p, nil
}

// most is how many pixels a picture may have.
const most = 1 << 26

// square decodes a picture and gives its middle, [size·size·3], on white.
func square(raw []byte, size int) ([]byte, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if c.Width < 1 || c.Height < 1 || c.Width*c.Height > most {
		return nil, fmt.Errorf("it is %dx%d: it must have 1 to %d pixels", c.Width, c.Height, most)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	side := min(b.Dx(), b.Dy())
	left, top := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	src := make([]byte, 0, side*side*3)
	for y := range side {
		for x := range side {
			p := color.NRGBAModel.Convert(img.At(left+x, top+y)).(color.NRGBA)
			a := int(p.A)
			on := func(v uint8) byte { return byte((int(v)*a + 255*(255-a)) / 255) }
			src = append(src, on(p.R), on(p.G), on(p.B))
		}
	}
	dst := make([]byte, size*size*3)
	images.Resize(dst, size, size, src, side, side, 3)
	return dst, nil
}
