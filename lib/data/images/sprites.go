package images

import (
	"bytes"
	"fmt"
	"image/png"
	"path/filepath"

	"genlab/lib/data/files"
	"genlab/lib/data/identity"
)

// spriteSide is the height and width of the sprites that are taken; others are left out.
const spriteSide = 32

// maxSprites is as much as a file of sprites may hold.
const maxSprites = 64 << 20

// Sprites reads the pictures of 32×32 in the game Crossfire's file of images, crossfire.base in a folder (`genlab data sprites`): one line
// "IMAGE length name" before each PNG. Transparent parts become white, and pictures size×size.
func Sprites(dir string, size int) (*Set, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "crossfire.base")
	rest, err := files.Read(path, maxSprites)
	if err != nil {
		return nil, fmt.Errorf("images: reading sprites: %w", err)
	}
	var pixels []byte
	for place := 0; len(rest) > 0; place++ {
		line, after, ok := bytes.Cut(rest, []byte("\n"))
		var length int
		if _, err := fmt.Sscanf(string(line), "IMAGE %d ", &length); err != nil {
			return nil, fmt.Errorf("images: %s: picture %d begins with %.40q: it must be IMAGE, its length and its name", path, place, line)
		}
		if !ok || length < 0 || length > len(after) {
			return nil, fmt.Errorf("images: %s: picture %d of %d bytes is cut off", path, place, length)
		}
		picture := after[:length]
		rest = after[length:]
		head, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil {
			return nil, fmt.Errorf("images: %s: picture %d: %w", path, place, err)
		}
		if head.Width != spriteSide || head.Height != spriteSide {
			continue
		}
		values := make([]byte, spriteSide*spriteSide*3)
		if err := decode(bytes.NewReader(picture), values, spriteSide, 3, Stretch); err != nil {
			return nil, fmt.Errorf("images: %s: picture %d: %w", path, place, err)
		}
		pixels = append(pixels, values...)
	}
	if len(pixels) == 0 {
		return nil, fmt.Errorf("images: %s holds no picture of %d×%d", path, spriteSide, spriteSide)
	}
	s, err := FromBytes(pixels, spriteSide, spriteSide, 3, nil, nil, size)
	if err != nil {
		return nil, err
	}
	s.kind, s.from = "sprites", dir
	s.digest = func() (string, error) { return identity.NewDigest().Bytes(pixels).String(), nil }
	return s, nil
}
