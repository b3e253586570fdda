package audio

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden is testdata/golden.json, which testdata/golden.py made with SciPy and NumPy.
type golden struct {
	Samples map[string][]float64
	X       []float64
	Codes   []int32
	Decoded []float64
	Sounds  [][]int32
	Bits    float64
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestReadWAVAsSciPy(t *testing.T) {
	all := readGolden(t).Samples
	if len(all) != 7 {
		t.Fatalf("there are %d files", len(all))
	}
	for name, want := range all {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		got, rate, err := ReadWAV(bytes.NewReader(raw))
		if err != nil || len(got) != len(want) || rate < 8000 {
			t.Errorf("%s: %d samples at %d, %v", name, len(got), rate, err)
			continue
		}
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 1e-7 {
				t.Errorf("%s: sample %d is %g, SciPy has %g", name, i, got[i], want[i])
				break
			}
		}
	}
}

func TestSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "x.wav")
	if err := Save(path, []float32{0, 0.5, -2, 1}, 8000); err == nil {
		t.Error("a folder that isn't there was made")
	}
	path = filepath.Join(t.TempDir(), "x.wav")
	if err := Save(path, []float32{0, 0.5, -2, 1}, 8000); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, rate, err := ReadWAV(bytes.NewReader(raw))
	if err != nil || rate != 8000 || len(got) != 4 {
		t.Fatalf("%v at %d, %v", got, rate, err)
	}
	for i, want := range []float64{0, 0.5, -1, 1} {
		if math.Abs(float64(got[i])-want) > 1e-4 {
			t.Errorf("sample %d is %g, want %g", i, got[i], want)
		}
	}
}

// file is a WAV file of a format and samples.
func file(f waveFormat, more []byte, samples []byte) []byte {
	format, _ := binary.Append(nil, binary.LittleEndian, f)
	format = append(format, more...)
	body := append([]byte("WAVEfmt "), binary.LittleEndian.AppendUint32(nil, uint32(len(format)))...)
	body = append(append(body, format...), "data"...)
	body = append(binary.LittleEndian.AppendUint32(body, uint32(len(samples))), samples...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func TestReadWAVRefusals(t *testing.T) {
	mono := waveFormat{formatPCM, 1, 8000, 16000, 2, 16}
	change := func(change func(*waveFormat)) []byte {
		f := mono
		change(&f)
		return file(f, nil, make([]byte, 8))
	}
	whole := file(mono, nil, make([]byte, 8))
	for want, raw := range map[string][]byte{
		"header":                    []byte("RI"),
		"must be a WAVE":            bytes.Replace(whole, []byte("WAVE"), []byte("AVI "), 1),
		"channels is 0":             change(func(f *waveFormat) { f.Channels = 0 }),
		"rate is 0":                 change(func(f *waveFormat) { f.Rate = 0 }),
		"12 bits, format 1":         change(func(f *waveFormat) { f.Bits = 12 }),
		"format 2: they must":       change(func(f *waveFormat) { f.Format = 2 }),
		"3 bytes: it must be a mul": file(mono, nil, make([]byte, 3)),
		"chunk header":              whole[:36],
		"before its samples":        append([]byte("RIFF\x1c\x00\x00\x00"), whole[8:36]...),
		"after 6 of 8 bytes":        whole[:len(whole)-2],
		"before their format":       bytes.Replace(whole, []byte("fmt "), []byte("junk"), 1),
	} {
		if _, _, err := ReadWAV(bytes.NewReader(raw)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	further := append([]byte{22, 0, 16, 0, 0, 0, 0, 0, formatFloat, 0}, make([]byte, 14)...) // what format it is stands further back
	floats := file(waveFormat{formatExtensible, 1, 192000, 192000 * 4, 4, 32}, further, []byte{0, 0, 0, 0x3f})
	if got, rate, err := ReadWAV(bytes.NewReader(floats)); err != nil || rate != 192000 || len(got) != 1 || got[0] != 0.5 {
		t.Errorf("an extensible one: %v at %d, %v", got, rate, err)
	}
}

// FuzzReadWAV wants an error or sound of any bytes, and no panic.
func FuzzReadWAV(f *testing.F) {
	files, err := filepath.Glob("testdata/*.wav")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		samples, rate, err := ReadWAV(bytes.NewReader(raw))
		if err == nil && (rate < 1000 || len(samples) > len(raw)) {
			t.Errorf("%d bytes are %d samples at %d", len(raw), len(samples), rate)
		}
	})
}
