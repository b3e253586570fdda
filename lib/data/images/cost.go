package images

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"golang.org/x/image/riff"
	"golang.org/x/sync/semaphore"
)

// A file of a few bytes may hold a picture of gigabytes. Its header is looked at first, and what it says that reading takes is counted
// for all that are read at once.
const (
	maxPixels = 100 << 20
	maxMemory = 1 << 30
	large     = 128 << 20
)

// memory is what decoders may take together, in bytes.
var memory = semaphore.NewWeighted(maxMemory)

// cost is the memory that decoding a picture takes, in bytes, and its size, by its header.
func cost(r io.ReadSeeker) (need int64, size image.Point, err error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return 0, size, err
	}
	in := bufio.NewReaderSize(r, 1<<12)
	start, err := in.Peek(32)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, size, err
	}
	start = append([]byte(nil), start...)
	head, format, err := image.DecodeConfig(in)
	if err != nil {
		return 0, size, err
	}
	if head.Width < 1 || head.Height < 1 || head.Width > maxPixels/head.Height {
		return 0, size, fmt.Errorf("it is %dx%d: %w", head.Width, head.Height, errTooLarge)
	}
	size = image.Pt(head.Width, head.Height)
	each := int64(8)
	switch format {
	case "png":
		each = pngBytes(head.ColorModel)
		if len(start) > 28 && start[28] == 1 { // interlaced: seven pictures, and one of them all
			each *= 2
		}
	case "jpeg":
		if each, err = jpegBytes(r); err != nil {
			return 0, size, err
		}
	case "gif":
		each = 1
	case "bmp":
		each = 4
	case "webp":
		each = 12 // of which the lossless kind takes copies
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return 0, size, err
		}
		_, chunks, err := riff.NewReader(bufio.NewReader(r))
		if err != nil {
			return 0, size, err
		}
		frame, err := webpFrame(chunks)
		if err != nil {
			return 0, size, err
		}
		if frame.X > head.Width || frame.Y > head.Height {
			return 0, size, fmt.Errorf("webp: a frame of %v on a canvas of %dx%d", frame, head.Width, head.Height)
		}
	case "tiff":
		each = 16 // a picture of a single strip, and its bytes beside it
	}
	need = each * int64(head.Width) * int64(head.Height)
	if need > maxMemory {
		return 0, size, fmt.Errorf("it is %dx%d, and reading it takes %d MB: %w", head.Width, head.Height, need>>20, errTooLarge)
	}
	return need, size, nil
}

// pngBytes is what image/png takes for a pixel.
func pngBytes(m color.Model) int64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.RGBAModel, color.NRGBAModel:
		return 4
	}
	return 1 // a palette
}

// jpegBytes is what image/jpeg takes for a pixel: of a progressive file it holds the coefficients too, four bytes each.
func jpegBytes(r io.ReadSeeker) (int64, error) {
	const plain, progressive = 4, 20
	if _, err := r.Seek(2, io.SeekStart); err != nil {
		return 0, err
	}
	in := bufio.NewReaderSize(r, 1<<12)
	for {
		marker, err := in.ReadByte()
		if err != nil {
			return progressive, nil // the decoder will say what is wrong
		}
		if marker != 0xff {
			continue
		}
		kind, err := in.ReadByte()
		switch {
		case err != nil, kind == 0xc2:
			return progressive, nil
		case kind == 0xc0 || kind == 0xc1 || kind == 0xda:
			return plain, nil
		case kind == 0xff:
			_ = in.UnreadByte() // it was just read
			continue
		case kind == 0 || kind == 0x01 || kind >= 0xd0 && kind <= 0xd8:
			continue // alone, without a length
		}
		var length [2]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return progressive, nil
		}
		if _, err := in.Discard(max(0, int(binary.BigEndian.Uint16(length[:]))-2)); err != nil {
			return progressive, nil
		}
	}
}
