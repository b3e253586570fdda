package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"genlab/lib/command"
	"genlab/lib/command/commandtest"
	"genlab/lib/data/tokens"
	"genlab/lib/models/gpt"
)

// published makes a folder as Hugging Face publishes a model, whose weights know more tokens than its tokenizer: up to a round number.
func published(t *testing.T) (folder string, m *gpt.Model, tok tokens.Tokenizer) {
	t.Helper()
	folder = t.TempDir()
	tok, err := tokens.Learn(strings.Repeat("the light of the sun and the stars; ", 20), 262)
	if err != nil {
		t.Fatal(err)
	}
	c := gpt.Tiny(320)
	c.Bias = true
	if m, err = gpt.New(c, 1); err != nil {
		t.Skip(err)
	}
	if err := m.SavePretrained(folder); err != nil {
		t.Fatal(err)
	}
	if err := tokens.Save(folder, tok); err != nil {
		t.Fatal(err)
	}
	return folder, m, tok
}

// sampled is what the command writes; its seed is 1.
func sampled(t *testing.T, folder string) (string, error) {
	t.Helper()
	stdout, _, err := commandtest.Run(t.Context(), Model, "sample", "gpt", "--pretrained", folder, "--prompt", "the", "--tokens", "25", "--temperature", "1")
	return stdout, err
}

// Tokens that stand for no text are never drawn, and one that ends texts ends this one and isn't shown.
func TestSamplePretrained(t *testing.T) {
	folder, m, tok := published(t)
	whole, err := sampled(t, folder)
	if err != nil {
		t.Fatal(err)
	}

	ids, err := tok.Encode("the")
	if err != nil {
		t.Fatal(err)
	}
	cfg := gpt.SampleConfig{Tokens: 25, Temperature: 1, Seed: 1, Slide: true}
	free, err := m.Sample(t.Context(), [][]int32{ids}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(free[0], func(id int32) bool { return int(id) >= tok.Len() }) {
		t.Fatalf("%v: no token without a text would have been drawn, and nothing is tested", free[0])
	}
	cfg.Never = tokens.Textless(tok, 320)
	drawn, err := m.Sample(t.Context(), [][]int32{ids}, cfg)
	if err != nil {
		t.Fatal(err)
	}

	const at = 6
	end := drawn[0][at]
	raw, err := json.Marshal(map[string]any{"eos_token_id": end})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "generation_config.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := (&tokens.Stream{Tokenizer: tok}).Add(drawn[0][:slices.Index(drawn[0], end)]...)
	if err != nil {
		t.Fatal(err)
	}
	cut, err := sampled(t, folder)
	if want := command.Plain("the"+before) + "\n"; err != nil || cut != want {
		t.Errorf("%q, %v; want %q, of %q", cut, err, want, whole)
	}
}

// A pipe in the place of config.json would be waited on for ever.
func TestSamplePipe(t *testing.T) {
	folder, _, _ := published(t)
	config := filepath.Join(folder, "config.json")
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(config, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := sampled(t, folder); err == nil || !strings.Contains(err.Error(), "is a pipe") {
		t.Errorf("%v", err)
	}
}
