package audio

import (
	"archive/zip"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder has files of the given names.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, raw := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	files := map[string][]byte{
		"b/7_ann_3.WAV": WAV([]float32{0.5, -0.25}, 8000), "a.wav": WAV([]float32{0}, 8000),
		"notes.txt": []byte("no sound"), ".hidden.wav": []byte("nor this"),
	}
	dir := folder(t, files)
	list, err := Load(Config{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Name != "a.wav" || list[0].Digit != "" || list[1].Digit != "7" || list[1].Speaker != "ann" || list[1].Number != "3" {
		t.Errorf("%+v", list)
	}
	packed := filepath.Join(t.TempDir(), "all.zip")
	f, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, raw := range files {
		w, err := z.Create("recordings/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Load(Config{Path: packed})
	if err != nil || Digest(again) != Digest(list) {
		t.Errorf("the zip has %+v, %v", again, err)
	}
	if _, err := Load(Config{Path: packed, Digest: Digest(list), Gain: true}); err != nil {
		t.Error(err)
	}
	if _, err := Load(Config{Path: packed, Digest: FSDDDigest}); err == nil || !strings.Contains(err.Error(), "it must be "+FSDDDigest) {
		t.Errorf("another digest: %v", err)
	}
	again[1].Samples[0] += 0.001
	if Digest(again) == Digest(list) {
		t.Error("another sample gives the same digest")
	}
}

func TestLoadRefusals(t *testing.T) {
	nan := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	for want, files := range map[string]map[string][]byte{
		"no WAV file":               {"a.txt": nil},
		"a.wav: reading its header": {"a.wav": []byte("MP3")},
		"a.wav has no samples":      {"a.wav": WAV(nil, 8000)},
		"all must have one rate":    {"a.wav": WAV([]float32{0}, 8000), "b.wav": WAV([]float32{0}, 16000)},
		"sample 0 is NaN":           {"a.wav": file(waveFormat{formatFloat, 1, 8000, 32000, 4, 32}, nil, nan)},
	} {
		if _, err := Load(Config{Path: folder(t, files)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	plain := filepath.Join(folder(t, map[string][]byte{"a.wav": nil}), "a.wav")
	for want, path := range map[string]string{"must be a folder or a zip": plain, "no such file": plain + "x"} {
		if _, err := Load(Config{Path: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestPrepared(t *testing.T) {
	r := Recording{Rate: 100, Samples: []float32{0, 0, 0.001, 0.001, 0, 0.1, -0.2, 0.001, 0.1, 0, 0, 0, 0.001}} // 2 samples of silence stay
	got := r.prepared(Config{Trim: true, Gain: true}).Samples
	if want := []float32{0.001, 0, 0.1, -0.2, 0.001, 0.1, 0, 0}; len(got) != len(want) || math.Abs(float64(got[3])+0.95) > 1e-6 {
		t.Errorf("%v", got)
	}
	if r.Samples[6] != -0.2 {
		t.Error("the recording itself was changed")
	}
	still := Recording{Rate: 100, Samples: []float32{0, 0}}
	if got := still.prepared(Config{Trim: true, Gain: true}).Samples; !slices.Equal(got, still.Samples) {
		t.Errorf("silence became %v", got)
	}
}
