package spec

import (
	"slices"
	"strings"
	"testing"
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
		err := (Config{text}).Decode(&config)
		if want == "" && (err != nil || config.Layers != 3 || !slices.Equal(config.Betas, []float64{0.5, 0.9})) {
			t.Errorf("%s: %+v, %v", text, config, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}
