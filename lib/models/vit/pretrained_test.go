package vit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/torch"
)

// TestOpenPretrained opens folders that transformers wrote and compares the logits with its own.
func TestOpenPretrained(t *testing.T) {
	for _, name := range []string{"vit", "deit"} {
		folder := filepath.Join("testdata/pretrained", name)
		m, classes, err := OpenPretrained(folder)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(classes, []string{"a cat", "a dog", "a bird"}) {
			t.Errorf("%s: classes %q", name, classes)
		}
		expected, err := torch.Read(filepath.Join(folder, "expected.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		read := func(name string) *tensors.Tensor {
			value, _ := expected.Get(name)
			x, err := value.ToGoMLX()
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		out, err := m.run.Call(t.Context(), "test", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{m.net.Forward(s, channelsLast(in[0])).Logits}
		}, read("pixel_values"))
		if err != nil {
			t.Fatal(err)
		}
		got, want := tensors.MustCopyFlatData[float32](out[0]), tensors.MustCopyFlatData[float32](read("logits"))
		for i := range want {
			if d := got[i] - want[i]; d > 1e-5 || d < -1e-5 {
				t.Fatalf("%s: logits %v, transformers has %v", name, got, want)
			}
		}
	}
}

func TestOpenPretrainedRefuses(t *testing.T) {
	for want, text := range map[string]string{
		"is damaged":                    "{",
		"architectures is []":           "{}",
		`architectures is ["ViTModel"]`: `{"architectures": ["ViTModel"]}`,
		"image_size is 0":               `{"architectures": ["ViTForImageClassification"]}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := OpenPretrained(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
