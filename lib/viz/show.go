package viz

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/renameio/v2"
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
	"golang.org/x/image/draw"
)

const (
	outDir = "out"
	// Limits of a picture in a notebook, which is to stay small enough for a repository.
	maxWidth = 1200
	maxBytes = 400 << 10
)

var shown atomic.Int64

// Show draws a picture inline in a notebook. Elsewhere it writes out/NAME.png and says so on standard
// output; without a name, pictures are numbered from the program's start.
func Show(img image.Image, name ...string) error {
	if err := Err(img); err != nil {
		return err
	}
	if gonbui.IsNotebook {
		data, err := inlinePNG(img)
		if err != nil {
			return err
		}
		send(data, img.Bounds().Size(), "")
		return Flush()
	}
	path, err := outPath("picture", ".png", name)
	if err != nil {
		return err
	}
	if err := Save(path, img); err != nil {
		return err
	}
	_, err = fmt.Printf("picture: %s\n", path)
	return err
}

// outPath is where a picture goes outside notebooks: name holds its name, or nothing.
func outPath(kind, ext string, name []string) (string, error) {
	base := fmt.Sprintf("%s-%d", kind, shown.Add(1))
	if len(name) > 0 && name[0] != "" {
		base = strings.TrimSuffix(name[0], ext)
	}
	if base != filepath.Base(base) || !filepath.IsLocal(base) {
		return "", fmt.Errorf("viz: %s name %q: it must be a file's name without a folder (Save and SaveGIF take a path)", kind, name[0])
	}
	return filepath.Join(outDir, base+ext), nil
}

// Save writes a picture as PNG. The file appears whole or not at all; folders are made as needed.
func Save(path string, img image.Image) error {
	if err := Err(img); err != nil {
		return err
	}
	if !strings.EqualFold(filepath.Ext(path), ".png") {
		return fmt.Errorf("viz: saving a picture to %q: it must be a name that ends in .png", path)
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return fmt.Errorf("viz: encoding %s: %w", path, err)
	}
	return writeWhole(path, buf.Bytes())
}

func writeWhole(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("viz: saving a picture: %w", err)
	}
	if err := renameio.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("viz: saving a picture to %s: %w", path, err)
	}
	return nil
}

// inlinePNG encodes a picture within a notebook's limits, scaled down if need be.
func inlinePNG(img image.Image) ([]byte, error) {
	if w := img.Bounds().Dx(); w > maxWidth {
		img = shrink(img, float64(maxWidth)/float64(w))
	}
	for {
		var buf bytes.Buffer
		if err := png.Encode(&buf, img); err != nil {
			return nil, fmt.Errorf("viz: encoding a picture: %w", err)
		}
		if buf.Len() <= maxBytes || img.Bounds().Dx() < 64 || img.Bounds().Dy() < 64 {
			return buf.Bytes(), nil
		}
		img = shrink(img, 0.75)
	}
}

// DataURL is a picture within a notebook's limits as the src of an HTML img.
func DataURL(img image.Image) (string, error) {
	if err := Err(img); err != nil {
		return "", err
	}
	data, err := inlinePNG(img)
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(data), err
}

func shrink(img image.Image, factor float64) image.Image {
	b := img.Bounds()
	w, h := max(1, int(float64(b.Dx())*factor)), max(1, int(float64(b.Dy())*factor))
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(small, small.Bounds(), img, b, draw.Src, nil)
	return small
}

// shrinkAll makes frames smaller by one step on the way to a limit.
func shrinkAll(frames []image.Image) []image.Image {
	smaller := make([]image.Image, len(frames))
	for i, f := range frames {
		smaller[i] = shrink(f, 0.75)
	}
	return smaller
}

// pieceID is an HTML id that follows from what a piece holds, so that the same piece is saved alike each time. A piece shown twice has
// it twice: scripts find their piece by their own place.
func pieceID(kind string, data []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(data) // a hash never fails
	return fmt.Sprintf("%s-%x", kind, h.Sum64())
}

// send displays a PNG, in the place of the earlier one with that id if it has an id. A console that shows no pictures says
// that there is one.
func send(data []byte, size image.Point, id string) {
	gonbui.SendData(&protocol.DisplayData{
		Data: map[protocol.MIMEType]any{
			protocol.MIMEImagePNG:  data,
			protocol.MIMETextPlain: fmt.Sprintf("[picture, %d x %d]", size.X, size.Y),
		},
		DisplayID: id,
	})
}

// Flush waits until the notebook has what was sent, so that a program may end after it. It gives up
// when no answer comes: gonbui.Sync waits for ever on a pipe that broke.
func Flush() error {
	done := make(chan struct{})
	go func() { gonbui.Sync(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		return errors.Join(errors.New("viz: the notebook's kernel doesn't answer; restart it"), gonbui.Error())
	}
	if err := gonbui.Error(); err != nil {
		return fmt.Errorf("viz: sending a picture to the notebook: %w", err)
	}
	return nil
}
