package command

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"genlab/lib/data/fetch"
	"genlab/lib/data/images"
	"genlab/lib/models/style"
)

// fetched is the folder of a set, or skips.
func fetched(t *testing.T, name string) string {
	t.Helper()
	folder, err := fetch.Folder(name)
	if errors.Is(err, fetch.ErrAbsent) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestVGG16 compares what VGG-16 as published makes of a photograph with PyTorch's: peer/style.py activations.
func TestVGG16(t *testing.T) {
	photo, err := images.ReadPhoto(filepath.Join(fetched(t, "photos"), "chelsea.png"), 0)
	if err != nil {
		t.Fatal(err)
	}
	painter, err := style.OpenPainter(filepath.Join(fetched(t, "vgg16"), "vgg16.weights.h5"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("../testdata/vgg16.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Layers map[string]struct {
			Shape, Places []int
			Mean          float64
			Values        []float64
		}
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	layers := slices.Sorted(maps.Keys(golden.Layers))
	seen, err := painter.See(t.Context(), style.Picture(photo), layers)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range layers {
		want, got := golden.Layers[name], seen[i]
		if shape := []int{got.Height, got.Width, got.Channels}; !slices.Equal(shape, want.Shape) {
			t.Fatalf("%s is %v, PyTorch has %v", name, shape, want.Shape)
		}
		var sum float64
		for _, v := range got.Values {
			sum += float64(v)
		}
		if mean := sum / float64(len(got.Values)); math.Abs(mean-want.Mean) > 1e-4*want.Mean {
			t.Errorf("%s has the mean %g, PyTorch %g", name, mean, want.Mean)
		}
		for k, at := range want.Places {
			if v := float64(got.Values[at]); math.Abs(v-want.Values[k]) > 1e-3*max(want.Mean, want.Values[k]) {
				t.Errorf("%s has %g at %d, PyTorch %g", name, v, at, want.Values[k])
			}
		}
	}
}
