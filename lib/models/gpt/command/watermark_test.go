package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/command/commandtest"
	"genlab/lib/data/text"
	"genlab/lib/data/tokens"
)

// A text made by a key is told by that key and by no other.
func TestWatermark(t *testing.T) {
	folder, _, _ := published(t)
	// By characters, what is written is read back as the tokens that were drawn; an untrained model's bytes aren't.
	if err := tokens.Save(folder, text.NewVocab("abcdefghijklmnopqrstuvwxyz; \n")); err != nil {
		t.Fatal(err)
	}
	made, _, err := commandtest.Run(t.Context(), Model, "sample", "gpt", "--pretrained", folder, "--prompt", "the", "--tokens", "60", "--watermark", "a key", "--watermark-bias", "20")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "made.txt")
	if err := os.WriteFile(path, []byte(made), 0o600); err != nil {
		t.Fatal(err)
	}
	find := func(args ...string) (string, error) {
		out, _, err := commandtest.Run(t.Context(), Model, append([]string{"measure", "watermark", "--pretrained", folder}, args...)...)
		return out, err
	}
	for key, want := range map[string]bool{"a key": true, "another": false} {
		out, err := find("--text", path, "--watermark", key)
		if err != nil {
			t.Fatal(err)
		}
		_, z, _ := strings.Cut(out, "z ")
		if strings.HasPrefix(z, "0") || strings.HasPrefix(z, "-") || strings.HasPrefix(z, "1") {
			if want {
				t.Errorf("%s: %s", key, out)
			}
		} else if !want {
			t.Errorf("%s: %s", key, out)
		}
	}
	if _, err := find("--text", path); err == nil || !strings.Contains(err.Error(), "--watermark is empty") {
		t.Errorf("no key: %v", err)
	}
	unmarked := filepath.Join(t.TempDir(), "unmarked.txt")
	if err := os.WriteFile(unmarked, []byte(strings.Repeat("the light of the sun and the stars; ", 20)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := find("--unmarked", unmarked, "--lengths", "20", "--number", "3", "--keys", "5")
	if err != nil || strings.Count(out, "\n") != 2 {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := find("--unmarked", unmarked, "--lengths", "1"); err == nil || !strings.Contains(err.Error(), "--lengths has 1") {
		t.Errorf("a length of 1: %v", err)
	}
}
