package images

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"

	"golang.org/x/image/riff"
	"golang.org/x/image/webp"
)

func isGIF(in *bufio.Reader) bool {
	start, _ := in.Peek(6)
	return bytes.HasPrefix(start, []byte("GIF8"))
}

// readGIF gives the first frame where the file puts it. What it leaves free is transparent or, in a file without transparency, the first
// of the palette's colours, as Pillow has it.
func readGIF(in *bufio.Reader) (picture, error) {
	screen, err := in.Peek(10)
	if err != nil {
		return picture{}, err
	}
	canvas := image.Rect(0, 0, int(binary.LittleEndian.Uint16(screen[6:])), int(binary.LittleEndian.Uint16(screen[8:])))
	img, err := gif.Decode(in)
	if err != nil {
		return picture{}, err
	}
	p := picture{img, canvas, color.White, false}
	frame, ok := img.(*image.Paletted)
	if !ok || len(frame.Palette) == 0 {
		return p, nil
	}
	for _, c := range frame.Palette {
		if _, _, _, alpha := c.RGBA(); alpha == 0 {
			return p, nil
		}
	}
	p.around = frame.Palette[0]
	return p, nil
}

// isAnimatedWebP looks at the flags of the extended format (RFC 9649, section 2.7), which golang.org/x/image/webp doesn't read when
// they say that it is animated.
func isAnimatedWebP(in *bufio.Reader) bool {
	start, _ := in.Peek(21)
	return len(start) == 21 && string(start[:4]) == "RIFF" && string(start[8:16]) == "WEBPVP8X" && start[20]&2 != 0
}

// firstWebP gives the first frame of an animation where the file puts it.
func firstWebP(in io.Reader) (picture, error) {
	_, chunks, err := riff.NewReader(in)
	if err != nil {
		return picture{}, err
	}
	var canvas image.Rectangle
	for {
		id, size, data, err := chunks.Next()
		if errors.Is(err, io.EOF) {
			return picture{}, errors.New("webp: an animation without a frame")
		}
		if err != nil {
			return picture{}, err
		}
		head := make([]byte, 16)
		switch string(id[:]) {
		case "VP8X": // flags, the canvas less one
			if _, err := io.ReadFull(data, head[:10]); err != nil {
				return picture{}, err
			}
			canvas = image.Rect(0, 0, 1+uint24(head[4:]), 1+uint24(head[7:]))
		case "ANMF": // the frame's place halved, its size less one, its time, its flags
			if _, err := io.ReadFull(data, head); err != nil {
				return picture{}, err
			}
			x, y := 2*uint24(head), 2*uint24(head[3:])
			frame := image.Rect(x, y, x+1+uint24(head[6:]), y+1+uint24(head[9:]))
			if !frame.In(canvas) {
				return picture{}, fmt.Errorf("webp: a frame at %v of an animation of %v", frame, canvas)
			}
			if size > maxWebP {
				return picture{}, fmt.Errorf("webp: a frame of %d bytes: at most %d are read", size, maxWebP)
			}
			raw, err := io.ReadAll(data)
			if err != nil {
				return picture{}, err
			}
			img, err := webp.Decode(bytes.NewReader(stillWebP(raw, frame.Size())))
			if err != nil {
				return picture{}, err
			}
			if img.Bounds() != image.Rect(0, 0, frame.Dx(), frame.Dy()) {
				return picture{}, fmt.Errorf("webp: a frame of %v is said to be at %v", img.Bounds(), frame)
			}
			return picture{img, canvas.Sub(frame.Min), color.White, true}, nil
		}
	}
}

const maxWebP = 256 << 20

// webpFrame is the size that the first frame says it has, which the canvas around it doesn't bind.
func webpFrame(chunks *riff.Reader) (image.Point, error) {
	for {
		id, size, data, err := chunks.Next()
		if err != nil {
			return image.Point{}, fmt.Errorf("webp: no frame: %w", err)
		}
		head := make([]byte, 12)
		switch string(id[:]) {
		case "ANMF": // as a list, whose kind is the last four bytes of the frame's head
			if size < 16 {
				return image.Point{}, errors.New("webp: a frame cut short")
			}
			if _, err := io.ReadFull(data, head); err != nil {
				return image.Point{}, err
			}
			_, inner, err := riff.NewListReader(size-12, data)
			if err != nil {
				return image.Point{}, err
			}
			return webpFrame(inner)
		case "VP8 ": // RFC 6386, section 9.1
			if _, err := io.ReadFull(data, head[:10]); err != nil {
				return image.Point{}, err
			}
			return image.Pt(int(binary.LittleEndian.Uint16(head[6:])&0x3fff), int(binary.LittleEndian.Uint16(head[8:])&0x3fff)), nil
		case "VP8L": // RFC 9649, section 3.4
			if _, err := io.ReadFull(data, head[:5]); err != nil {
				return image.Point{}, err
			}
			sides := binary.LittleEndian.Uint32(head[1:])
			return image.Pt(1+int(sides&0x3fff), 1+int(sides>>14&0x3fff)), nil
		}
	}
}

// stillWebP makes a frame's chunks a file of its own.
func stillWebP(chunks []byte, size image.Point) []byte {
	extended := make([]byte, 10)
	if bytes.HasPrefix(chunks, []byte("ALPH")) {
		extended[0] = 1 << 4
	}
	putUint24(extended[4:], size.X-1)
	putUint24(extended[7:], size.Y-1)
	if len(chunks)%2 == 1 {
		chunks = append(chunks, 0)
	}
	file := append([]byte("WEBPVP8X\x0a\x00\x00\x00"), extended...)
	file = append(file, chunks...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(file))), file...)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func putUint24(b []byte, v int) { b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16) }
