package images

import (
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strings"

	"genlab/lib/data/files"
)

// Photo is a picture in colour of any size.
type Photo struct {
	Height, Width int
	Pixels        []float32 // [height, width, 3] flat: red, green and blue in [0, 1]
}

// ReadPhoto reads one picture: JPEG, PNG, GIF, WebP, BMP, TIFF or PPM, in grey, in colour, with 16 bits a value or in a printer's colours;
// transparent parts become white. One whose longer side is more than longest pixels is made smaller; 0 leaves any as it is.
func ReadPhoto(path string, longest int) (Photo, error) {
	f, _, err := files.Open(path)
	if err != nil {
		return Photo{}, err
	}
	defer func() { _ = f.Close() }() // only read
	var p Photo
	var raw []byte
	err = decodeTo(f, 3, func(of image.Point) (y, x axis) {
		to := of
		if longer := max(of.X, of.Y); longest > 0 && longer > longest {
			to = image.Pt(max(1, of.X*longest/longer), max(1, of.Y*longest/longer))
		}
		p.Height, p.Width = to.Y, to.X
		return axis{of.Y, to.Y, 0, to.Y}, axis{of.X, to.X, 0, to.X}
	}, func() []byte {
		raw = make([]byte, 3*p.Height*p.Width)
		return raw
	})
	if err != nil {
		return Photo{}, fmt.Errorf("images: %w", Broken{path, err})
	}
	p.Pixels = make([]float32, len(raw))
	toUnit(p.Pixels, raw)
	return p, nil
}

// IsPicture says whether a file's name ends as a picture's does.
func IsPicture(name string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(name)))
}
