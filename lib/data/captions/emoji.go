package captions

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"genlab/lib/data/fetch"
)

// Styles are whose drawings of emoji there are.
var Styles = []string{"google", "twitter"}

// EmojiLanguages are those of the captions.
var EmojiLanguages = []string{"en", "ru", "de"}

// Emoji gives the emoji, without those that differ by skin alone, that `genlab data emoji` fetched: in the given styles one after the other,
// on white, as size×size, each captioned by its name in the given languages.
func Emoji(size int, styles, languages []string) (Pairs, error) {
	folder, err := fetch.Folder("emoji")
	if err != nil {
		return Pairs{}, err
	}
	for _, s := range styles {
		if !slices.Contains(Styles, s) {
			return Pairs{}, fmt.Errorf("captions: style is %q: it must be one of %s", s, strings.Join(Styles, ", "))
		}
	}
	names, err := emojiNames(filepath.Join(folder, "captions.tgz"), languages)
	if err != nil {
		return Pairs{}, err
	}
	p := Pairs{Size: size, From: "emoji " + strings.Join(styles, ",") + " " + strings.Join(languages, ",")}
	for _, style := range styles {
		within := "package/img/" + style + "/64/"
		err := eachFile(filepath.Join(folder, style+".tgz"), func(name string) bool { return strings.HasPrefix(name, within) }, func(name string, raw []byte) error {
			captions := names[emojiKey(strings.TrimSuffix(path.Base(name), ".png"))]
			if len(captions) == 0 {
				return nil // a skin variant, or one that nobody named
			}
			picture, err := square(raw, size)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			p.List = append(p.List, Pair{picture, captions})
			return nil
		})
		if err != nil {
			return Pairs{}, fmt.Errorf("captions: %w", err)
		}
	}
	return p, nil
}

// emojiKey is how an emoji's number is compared: files leave out the sign that asks for a picture, or not.
func emojiKey(code string) string { return strings.ReplaceAll(strings.ToLower(code), "-fe0f", "") }

// emojiNames gives each emoji's names in the languages.
func emojiNames(archive string, languages []string) (map[string][]string, error) {
	byLanguage := map[string]map[string]string{}
	file := func(name string) string { return path.Base(path.Dir(name)) }
	wanted := func(name string) bool {
		return path.Base(name) == "data.json" && slices.Contains(languages, file(name))
	}
	err := eachFile(archive, wanted, func(name string, raw []byte) error {
		var list []struct {
			Hexcode string `json:"hexcode"`
			Label   string `json:"label"`
		}
		if err := json.Unmarshal(raw, &list); err != nil {
			return fmt.Errorf("%s is damaged: %w", name, err)
		}
		byLanguage[file(name)] = map[string]string{}
		for _, e := range list {
			byLanguage[file(name)][emojiKey(e.Hexcode)] = e.Label
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("captions: %w", err)
	}
	names := map[string][]string{}
	for _, l := range languages {
		labels, ok := byLanguage[l]
		if !ok {
			return nil, fmt.Errorf("captions: language is %q: it must be one of %s", l, strings.Join(EmojiLanguages, ", "))
		}
		for code, label := range labels {
			names[code] = append(names[code], label)
		}
	}
	return names, nil
}

// eachFile reads the wanted files of an archive in their order.
func eachFile(archive string, wanted func(name string) bool, read func(name string, raw []byte) error) (err error) {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s is damaged: %w", archive, err)
	}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s is damaged: %w", archive, err)
		}
		if h.Typeflag != tar.TypeReg || !wanted(h.Name) {
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(t, 64<<20))
		if err != nil {
			return fmt.Errorf("%s is damaged: %w", archive, err)
		}
		if err := read(h.Name, raw); err != nil {
			return err
		}
	}
}
