package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genlab/lib/torch"
)

// TestDecode holds that a config is taken in the letter of its keys, and refused by name.
func TestDecode(t *testing.T) {
	type inner struct {
		Layers int `json:"num_layers"`
	}
	for text, want := range map[string]string{
		`{"num_layers": 3, "lr": 0, "betas": [0.5, 0.9]}`: "",
		``:                       "isn't JSON",
		`null`:                   "must be a JSON object",
		`[1]`:                    "must be a JSON object",
		`{} {}`:                  "isn't JSON",
		`{"Num_Layers": 3}`:      "the model has no Num_Layers: it takes num_layers, lr, betas",
		`{"num_layers": null}`:   "num_layers is null",
		`{"num_layers": 3.0}`:    "num_layers is a number 3.0, it must be of type int",
		`{"num_layers": 1e9}`:    "at most 1000",
		`{"lr": "0.1"}`:          "lr is a string",
		`{"lr": 1, "other": {}}`: "the model has no other",
	} {
		var config struct {
			inner
			Rate  float64   `json:"lr"`
			Betas []float64 `json:"betas"`
		}
		err := (&request{config: text}).decode(&config)
		if want == "" && (err != nil || config.Layers != 3 || !slices.Equal(config.Betas, []float64{0.5, 0.9})) {
			t.Errorf("%s: %+v, %v", text, config, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// TestMaskTypes holds that a mask may be of any numbers, and that what PyTorch's mask == 0 takes for 0 is 0.
func TestMaskTypes(t *testing.T) {
	for dtype, data := range map[torch.DType][]byte{
		torch.BOOL: {1, 0}, torch.U8: {7, 0}, torch.I32: {0, 1, 0, 0, 0, 0, 0, 0}, torch.F16: {1, 0, 0, 0x80}, torch.F32: {0, 0, 0x80, 0x3f, 0, 0, 0, 0x80},
	} {
		ones, err := notZero(torch.Tensor{DType: dtype, Shape: []int{2}, Data: data})
		if err != nil {
			t.Fatal(err)
		}
		if values, err := ones.Float32s(); err != nil || !slices.Equal(values, []float32{1, 0}) {
			t.Errorf("%s: %v, %v", dtype, values, err)
		}
	}
	if _, err := notZero(torch.Tensor{DType: torch.C64, Shape: []int{1}, Data: make([]byte, 8)}); err == nil {
		t.Error("complex numbers were taken")
	}
}

// TestCheckOut holds that nothing is computed for an output that can't be written, and that what is read stays.
func TestCheckOut(t *testing.T) {
	folder := t.TempDir()
	in, link := filepath.Join(folder, "in"), filepath.Join(folder, "link")
	if err := os.WriteFile(in, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(in, link); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{"", folder, in, link, filepath.Join(folder, "none", "out"), filepath.Join(in, "out")} {
		if checkOut(out, in) == nil {
			t.Errorf("%q was accepted", out)
		}
	}
	for _, out := range []string{filepath.Join(folder, "out"), "out"} {
		if err := checkOut(out, in); err != nil {
			t.Error(err)
		}
	}
}
