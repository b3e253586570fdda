package images

import (
	"fmt"

	"genlab/lib/data/identity"
)

// Set is a list of square pictures of one size.
type Set struct {
	Size     int // height and width
	Channels int // 1 for grey, 3 for RGB
	// Classes names the labels; nil for pictures without.
	Classes []string
	// Broken lists the files that were left out.
	Broken []Broken

	n      int
	labels []int32
	read   func(i int, dst []byte) error // fills dst: [Size, Size, Channels]

	kind, from string
	fit        Fit
	digest     func() (string, error) // of the pictures as they are kept, and of their classes
}

// Broken is a file that holds no picture that can be read.
type Broken struct {
	Path string
	Err  error
}

// Error says what is wrong with which file.
func (b Broken) Error() string { return fmt.Sprintf("%s: %v", b.Path, b.Err) }

// Unwrap is the reader's error.
func (b Broken) Unwrap() error { return b.Err }

// Len is the number of pictures.
func (s *Set) Len() int { return s.n }

// Label is the class of a picture, an index of Classes; 0 for pictures without.
func (s *Set) Label(i int) int {
	if s.labels == nil {
		return 0
	}
	return int(s.labels[i])
}

// Floats reads n pictures from the given place on: one slice [Size, Size, Channels] a picture, values in [0, 1]. That is what
// pictures are drawn from.
func (s *Set) Floats(from, n int) ([][]float32, error) {
	if from < 0 || n < 0 || from+n > s.n {
		return nil, fmt.Errorf("images: pictures %d to %d of %d: it must be a range within them", from, from+n, s.n)
	}
	d := s.Size * s.Size * s.Channels
	raw := make([]byte, d)
	list := make([][]float32, n)
	for i := range list {
		if err := s.read(from+i, raw); err != nil {
			return nil, err
		}
		list[i] = make([]float32, d)
		toUnit(list[i], raw)
	}
	return list, nil
}

// FromBytes makes a set of pictures in memory, resized when a batch asks for them.
// pixels: [n, height, width, channels], 0 black to 255 full; labels: [n], or nil.
func FromBytes(pixels []byte, height, width, channels int, labels []byte, classes []string, size int) (*Set, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	d := height * width * channels
	if height < 1 || width < 1 || (channels != 1 && channels != 3) || len(pixels)%d != 0 {
		return nil, fmt.Errorf("images: %d bytes for pictures of %dx%d with %d channels: there must be a whole number of pictures, 1 or 3 channels",
			len(pixels), height, width, channels)
	}
	n := len(pixels) / d
	s := &Set{Size: size, Channels: channels, n: n, Classes: classes, kind: "pictures", fit: Stretch}
	s.digest = func() (string, error) {
		return identity.NewDigest().Text(height, width, channels).Bytes(pixels).Bytes(labels).String(), nil
	}
	if labels != nil {
		if len(labels) != n {
			return nil, fmt.Errorf("images: %d labels for %d pictures: there must be one each", len(labels), n)
		}
		s.labels = make([]int32, n)
		for i, l := range labels {
			if int(l) >= len(classes) {
				return nil, fmt.Errorf("images: picture %d has label %d, and there are %d classes", i, l, len(classes))
			}
			s.labels[i] = int32(l)
		}
	}
	s.read = func(i int, dst []byte) error {
		Resize(dst, size, size, pixels[i*d:(i+1)*d], height, width, channels)
		return nil
	}
	return s, nil
}

func checkSize(size int) error {
	if size < 1 || size > 4096 {
		return fmt.Errorf("images: Size is %d: it must be 1 to 4096", size)
	}
	return nil
}

// unit maps a byte to [0, 1] as torchvision's ToTensor does.
var unit = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(i) / 255
	}
	return t
}()

func toUnit(dst []float32, src []byte) {
	dst = dst[:len(src)]
	for i, b := range src {
		dst[i] = unit[b]
	}
}
