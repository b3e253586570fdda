package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/google/renameio/v2"
	"golang.org/x/image/riff"
)

// The formats of samples that a WAV file names by a number (Microsoft's mmreg.h).
const (
	formatPCM        = 1
	formatFloat      = 3
	formatMuLaw      = 7
	formatExtensible = 0xFFFE // the number stands further back
)

// waveFormat is a WAV file's chunk "fmt ".
type waveFormat struct {
	Format, Channels uint16
	Rate             uint32
	BytesPerSecond   uint32
	FrameBytes, Bits uint16
}

// ReadWAV reads a WAV file: PCM of 8, 16, 24 or 32 bits, floats of 32 or 64, or µ-law, of any number of channels, which become their mean.
// Samples are in [-1, 1] but for floats, which may be louder.
func ReadWAV(r io.Reader) (samples []float32, rate int, err error) {
	kind, chunks, err := riff.NewReader(r)
	if err != nil {
		return nil, 0, fmt.Errorf("reading its header: %w", err)
	}
	if kind != (riff.FourCC{'W', 'A', 'V', 'E'}) {
		return nil, 0, fmt.Errorf("it is a RIFF file of %q: it must be a WAVE", kind)
	}
	var format *waveFormat
	for {
		id, size, data, err := chunks.Next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("it ends before its samples")
			}
			return nil, 0, err
		}
		switch id {
		case riff.FourCC{'f', 'm', 't', ' '}:
			if format, err = readFormat(data); err != nil {
				return nil, 0, err
			}
		case riff.FourCC{'d', 'a', 't', 'a'}:
			if format == nil {
				return nil, 0, errors.New("its samples come before their format")
			}
			raw, err := io.ReadAll(data)
			if err != nil {
				return nil, 0, fmt.Errorf("reading %d bytes of samples: %w", size, err)
			}
			if len(raw) < int(size) {
				return nil, 0, fmt.Errorf("its samples end after %d of %d bytes: it was cut off", len(raw), size)
			}
			samples, err := format.decode(raw)
			return samples, int(format.Rate), err
		}
	}
}

func readFormat(r io.Reader) (*waveFormat, error) {
	raw, err := io.ReadAll(io.LimitReader(r, 40))
	if err != nil {
		return nil, fmt.Errorf("reading its format: %w", err)
	}
	f := &waveFormat{}
	if err := binary.Read(bytes.NewReader(raw), binary.LittleEndian, f); err != nil {
		return nil, fmt.Errorf("its format has %d bytes: it must have at least 16", len(raw))
	}
	if f.Format == formatExtensible && len(raw) >= 26 {
		f.Format = binary.LittleEndian.Uint16(raw[24:])
	}
	switch {
	case f.Channels < 1 || f.Channels > 64:
		return nil, fmt.Errorf("channels is %d: it must be 1 to 64", f.Channels)
	case f.Rate < 1000 || f.Rate > 768000:
		return nil, fmt.Errorf("rate is %d samples a second: it must be 1000 to 768000", f.Rate)
	case f.sample() == nil:
		return nil, fmt.Errorf("its samples are of %d bits, format %d: they must be PCM (1) of 8, 16, 24 or 32 bits, floats (3) of 32 or 64, or µ-law (7)", f.Bits, f.Format)
	}
	return f, nil
}

// sample decodes one sample; nil where there is no such format.
func (f *waveFormat) sample() func(b []byte) float32 {
	switch [2]uint16{f.Format, f.Bits} {
	case [2]uint16{formatPCM, 8}: // the one that has no sign
		return func(b []byte) float32 { return (float32(b[0]) - 128) / 128 }
	case [2]uint16{formatPCM, 16}:
		return func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15) }
	case [2]uint16{formatPCM, 24}:
		return func(b []byte) float32 {
			return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)>>8) / (1 << 23)
		}
	case [2]uint16{formatPCM, 32}:
		return func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31) }
	case [2]uint16{formatFloat, 32}:
		return func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }
	case [2]uint16{formatFloat, 64}:
		return func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }
	case [2]uint16{formatMuLaw, 8}:
		return func(b []byte) float32 { return g711(b[0]) }
	}
	return nil
}

// g711 is a byte of ITU-T G.711's µ-law, whose curve is made of straight pieces.
func g711(b byte) float32 {
	b = ^b
	size := (int(b&15)<<3+132)<<(b>>4&7) - 132
	if b&128 != 0 {
		size = -size
	}
	return float32(size) / (1 << 15)
}

// decode gives the mean of the channels.
func (f *waveFormat) decode(raw []byte) ([]float32, error) {
	width, channels := int(f.Bits/8), int(f.Channels)
	if len(raw)%(width*channels) != 0 {
		return nil, fmt.Errorf("its samples have %d bytes: it must be a multiple of %d, the bytes of one in each channel", len(raw), width*channels)
	}
	sample, samples := f.sample(), make([]float32, len(raw)/(width*channels))
	for i := range samples {
		var sum float32
		for c := range channels {
			at := (i*channels + c) * width
			sum += sample(raw[at : at+width])
		}
		samples[i] = sum / float32(channels)
	}
	return samples, nil
}

// WAV is a mono WAV file of 16 bits. Samples beyond [-1, 1] are cut there.
func WAV(samples []float32, rate int) []byte {
	size := uint32(2 * len(samples))
	raw := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, 36+size)...)
	raw = append(raw, "WAVEfmt \x10\x00\x00\x00"...)
	raw, _ = binary.Append(raw, binary.LittleEndian, waveFormat{formatPCM, 1, uint32(rate), 2 * uint32(rate), 2, 16}) // numbers alone: no error
	raw = binary.LittleEndian.AppendUint32(append(raw, "data"...), size)
	for _, x := range samples {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(int16(math.Round(float64(max(-1, min(1, x)))*(1<<15-1)))))
	}
	return raw
}

// Save writes a WAV file of 16 bits.
func Save(path string, samples []float32, rate int) error {
	return renameio.WriteFile(path, WAV(samples, rate), 0o644)
}
