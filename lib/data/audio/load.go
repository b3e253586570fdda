package audio

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Config says what to read, and what to do to it.
type Config struct {
	Path string `json:"data" flag:"data" help:"folder or zip of WAV files, such as the spoken digits (default made tones)"`
	// Digest, when given, is the [Digest] that the files must have, as they are: such as [FSDDDigest].
	Digest string `json:"digest,omitempty" flag:"digest" help:"checksum that the recordings must have (default none is asked for)"`
	Gain   bool   `json:"gain" help:"make each recording as loud as can be"`
	Trim   bool   `json:"trim" help:"cut the silence before and after"`
}

// FSDDDigest is [Digest] of all 3,000 recordings of the Free Spoken Digit Dataset as they are: neither louder nor trimmed.
const FSDDDigest = "sha256:ba008f4583639dc8ef18fc9b87d780d4"

// maxFile is the most bytes that a recording's file may have.
const maxFile = 1 << 30

// Load reads the recordings of a folder or a zip, in the order of their names. Files that are no WAV by their name are passed over;
// recordings of different rates are an error.
func Load(c Config) ([]Recording, error) {
	info, err := os.Stat(c.Path)
	if err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	var files fs.FS
	if info.IsDir() {
		files = os.DirFS(c.Path)
	} else {
		z, err := zip.OpenReader(c.Path)
		if err != nil {
			return nil, fmt.Errorf("audio: data is %s: it must be a folder or a zip: %w", c.Path, err)
		}
		defer func() { _ = z.Close() }() // only read
		files = z
	}
	list, err := load(files, c)
	if err != nil {
		return nil, fmt.Errorf("audio: %s: %w", c.Path, err)
	}
	return list, nil
}

func load(files fs.FS, c Config) ([]Recording, error) {
	var list []Recording
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(path.Base(name), ".") && name != "."
		switch {
		case err != nil:
			return err
		case hidden && d.IsDir():
			return fs.SkipDir
		case d.IsDir() || hidden || !strings.EqualFold(path.Ext(name), ".wav"):
			return nil
		}
		r, err := read(files, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("there is no WAV file in it")
	}
	slices.SortFunc(list, func(a, b Recording) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range list {
		if r.Rate != list[0].Rate {
			return nil, fmt.Errorf("%s has %d samples a second, %s has %d: all must have one rate", list[0].Name, list[0].Rate, r.Name, r.Rate)
		}
	}
	if got := Digest(list); c.Digest != "" && c.Digest != got {
		return nil, fmt.Errorf("digest is %s: it must be %s", got, c.Digest)
	}
	for i, r := range list {
		list[i] = r.prepared(c)
	}
	return list, nil
}

func read(files fs.FS, name string) (r Recording, err error) {
	f, err := files.Open(name)
	if err != nil {
		return r, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return r, fmt.Errorf("it is %s of %d bytes: it must be a file of at most %d", info.Mode().Type(), info.Size(), maxFile)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return r, err
	}
	r.Name = name
	if r.Samples, r.Rate, err = ReadWAV(bytes.NewReader(raw)); err != nil {
		return r, err
	}
	r.label()
	return r, r.check()
}

// The largest sample of a recording made louder, and the part of the largest below which all is silence; so many seconds of it stay.
const (
	loudest  = 0.95
	silent   = 0.02
	leftover = 0.02
)

// prepared is the recording trimmed and made louder, if so asked. One of nothing but zeros stays as it is.
func (r Recording) prepared(c Config) Recording {
	var peak float32
	for _, x := range r.Samples {
		peak = max(peak, x, -x)
	}
	if peak == 0 {
		return r
	}
	if c.Trim {
		heard := func(x float32) bool { return max(x, -x) >= silent*peak }
		from, to := slices.IndexFunc(r.Samples, heard), len(r.Samples)
		for !heard(r.Samples[to-1]) {
			to--
		}
		rest := int(leftover * float64(r.Rate))
		r.Samples = r.Samples[max(0, from-rest):min(len(r.Samples), to+rest)]
	}
	if c.Gain {
		louder := make([]float32, len(r.Samples))
		for i, x := range r.Samples {
			louder[i] = x * loudest / peak
		}
		r.Samples = louder
	}
	return r
}
