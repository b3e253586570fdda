package translation

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// testdata/bpe.json comes from Hugging Face's tokenizers (testdata/make.py).
func TestBPEAsTokenizers(t *testing.T) {
	var golden struct {
		Texts []string
		Cases []struct {
			Size    int
			Vocab   []string
			IDs     [][]int32
			Decoded []string
		}
	}
	text, err := os.ReadFile("testdata/bpe.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	corpus, err := os.ReadFile("testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		b, err := TrainBPE(strings.Split(strings.TrimRight(string(corpus), "\n"), "\n"), c.Size)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(b.tokens, c.Vocab) {
			t.Fatalf("vocabulary of %d: got %q, tokenizers gives %q", c.Size, b.tokens, c.Vocab)
		}
		path := filepath.Join(t.TempDir(), "tokenizer.json")
		if err := b.Save(path); err != nil {
			t.Fatal(err)
		}
		saved, err := LoadBPE(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range golden.Texts {
			for _, b := range []*BPE{b, saved} {
				if got := b.Encode(text); !slices.Equal(got, c.IDs[i]) {
					t.Errorf("%q with %d tokens: got %v, tokenizers gives %v", text, c.Size, got, c.IDs[i])
				}
			}
			// A decoder that skips special tokens leaves <unk> out; ours shows where something was lost.
			if got := strings.ReplaceAll(b.Decode(c.IDs[i]), "<unk>", ""); got != c.Decoded[i] {
				t.Errorf("%v: got %q, tokenizers gives %q", c.IDs[i], got, c.Decoded[i])
			}
		}
	}
}

func TestReadsTokenizersFile(t *testing.T) {
	b, err := LoadBPE("testdata/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	if text := "two thousand four двести"; b.Decode(b.Encode(text)) != text {
		t.Errorf("got %q", b.Decode(b.Encode(text)))
	}
}

func TestBPERefusals(t *testing.T) {
	for _, c := range []struct {
		name, want string
		texts      []string
		size       int
	}{
		{"no text", "texts are empty", []string{"", ""}, 100},
		{"too small", "at least 8", []string{"abc"}, 7},
	} {
		if _, err := TrainBPE(c.texts, c.size); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
		}
	}
	good, err := os.ReadFile("testdata/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"not JSON", "{", "", "is no vocabulary"},
		{"another model", `"type": "BPE"`, `"type": "Unigram"`, "must be BPE"},
		{"a merge of nothing", `"merges": [`, `"merges": [["q", "zzz"],`, "needs tokens"},
		{"ids twice", `"<s>": 1`, `"<s>": 0`, "each once"},
	} {
		path := filepath.Join(t.TempDir(), "bad.json")
		if err := os.WriteFile(path, []byte(strings.Replace(string(good), c.old, c.new, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadBPE(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
		}
	}
}
