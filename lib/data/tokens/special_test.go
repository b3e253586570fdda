package tokens

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folders are a tokenizer's files, and what transformers makes of hard strings with them; see testdata/special.py.
type folders struct {
	Strings, Merges []string
	Cases           []struct {
		Name    string
		Files   map[string]json.RawMessage
		Length  int
		IDs     [][]int32
		Decoded []string
		End     *int32
	}
}

func TestSpecialAsTransformers(t *testing.T) {
	raw, err := os.ReadFile("testdata/special.json")
	if err != nil {
		t.Fatal(err)
	}
	var g folders
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			folder := t.TempDir()
			for name, content := range c.Files {
				put(t, folder, name+".json", string(content))
			}
			put(t, folder, "merges.txt", "#version: 0.2\n"+strings.Join(g.Merges, "\n")+"\n")
			tok, err := Open(folder)
			if err != nil {
				t.Fatal(err)
			}
			again := filepath.Join(t.TempDir())
			if err := Save(again, tok); err != nil {
				t.Fatal(err)
			}
			saved, err := Open(again)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range g.Strings {
				for name, tok := range map[string]Tokenizer{"opened": tok, "saved and opened": saved} {
					ids, err := tok.Encode(s)
					if err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(ids, c.IDs[i]) {
						t.Errorf("%s: %q is %v, theirs %v", name, s, ids, c.IDs[i])
					}
					if back, err := tok.Decode(c.IDs[i]); err != nil || strings.ToValidUTF8(back, "\ufffd") != c.Decoded[i] {
						t.Errorf("%s: %v becomes %q (%v), theirs %q", name, c.IDs[i], back, err, c.Decoded[i])
					}
				}
			}
			if ends, err := Ends(folder, tok); err != nil || c.End != nil && !slices.Equal(ends, []int32{*c.End}) {
				t.Errorf("ends %v (%v), theirs %d", ends, err, *c.End)
			}
		})
	}
}

func put(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tiny are the files of a tokenizer without merges.
func tiny(t *testing.T, more map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	b := newBPE()
	b.own = b.Len()
	if err := Save(folder, b); err != nil {
		t.Fatal(err)
	}
	for name, content := range more {
		put(t, folder, name, content)
	}
	return folder
}

func TestEnds(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  []int32
	}{
		{nil, nil},
		{map[string]string{"config.json": `{"eos_token_id": 7}`}, []int32{7}},
		{map[string]string{"config.json": `{"eos_token_id": 7}`, "generation_config.json": `{"eos_token_id": [8, 9]}`}, []int32{8, 9}},
		{map[string]string{"config.json": `{"eos_token_id": 7}`, "generation_config.json": `{"eos_token_id": null}`}, []int32{7}},
		{map[string]string{"config.json": `{"vocab": 7}`, "tokenizer_config.json": `{"eos_token": "!"}`}, []int32{0}},
	} {
		folder := tiny(t, c.files)
		tok, err := Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Ends(folder, tok); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v (%v), want %v", c.files, got, err, c.want)
		}
	}
	folder := tiny(t, map[string]string{"config.json": `{"eos_token_id": "x"}`})
	if _, err := Ends(folder, nil); err == nil || !strings.Contains(err.Error(), "eos_token_id") {
		t.Errorf("a text as a number: error %v", err)
	}
}

// A vocabulary that is padded for the weights has tokens that mean nothing, at its end and before its added tokens.
func TestTextless(t *testing.T) {
	tok, err := Open(tiny(t, map[string]string{"added_tokens.json": `{"<a>": 258, "<b>": 260}`}))
	if err != nil {
		t.Fatal(err)
	}
	if got := Textless(tok, 263); tok.Len() != 261 || !slices.Equal(got, []int32{256, 257, 259, 261, 262}) {
		t.Errorf("%d tokens, without text %v", tok.Len(), got)
	}
	if _, err := tok.Decode([]int32{0, 257}); err == nil || !strings.Contains(err.Error(), "token 1 is 257, which stands for no text") {
		t.Errorf("error %v", err)
	}
}

func TestRefusesTokenizers(t *testing.T) {
	good := func(change string) string {
		return `{"added_tokens": [], "pre_tokenizer": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}` + change + `}`
	}
	for want, more := range map[string]map[string]string{
		"is damaged":                 {"tokenizer.json": "{"},
		"must be BPE":                {"tokenizer.json": good(`, "model": {"type": "WordPiece"}`)},
		"must be ByteLevel":          {"tokenizer.json": good(`, "pre_tokenizer": {"type": "Metaspace"}`)},
		"GPT-2's expression":         {"tokenizer.json": good(`, "pre_tokenizer": {"type": "ByteLevel", "use_regex": false}`)},
		"must be null":               {"tokenizer.json": good(`, "normalizer": {"type": "NFC"}`)},
		"GPT-2's has none":           {"tokenizer.json": good(`, "model": {"type": "BPE", "ignore_merges": true}`)},
		"no token for byte":          {"tokenizer.json": good("")},
		"it must be 0 to":            {"added_tokens.json": `{"<a>": 2000000000}`},
		`"<a>" has number 3, as "$"`: {"added_tokens.json": `{"<a>": 3}`},
		"tokenizer_config.json is":   {"tokenizer_config.json": `{"eos_token": 3}`},
	} {
		if _, err := Open(tiny(t, more)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// FuzzOpen seeks files that end the program, or a tokenizer whose own tokens it can't read.
func FuzzOpen(f *testing.F) {
	raw, err := os.ReadFile("testdata/special.json")
	if err != nil {
		f.Fatal(err)
	}
	var g folders
	if err := json.Unmarshal(raw, &g); err != nil {
		f.Fatal(err)
	}
	names := []string{"tokenizer", "vocab", "tokenizer_config", "special_tokens_map", "added_tokens"}
	merges := strings.Join(g.Merges[:8], "\n")
	for _, c := range g.Cases {
		f.Add([]byte(c.Files[names[0]]), []byte(c.Files[names[1]]), []byte(c.Files[names[2]]), []byte(c.Files[names[3]]), []byte(c.Files[names[4]]), []byte(merges), "a <|endoftext|> b")
	}
	f.Fuzz(func(t *testing.T, tokenizer, vocab, config, special, added, merges []byte, text string) {
		folder := t.TempDir()
		for i, content := range [][]byte{tokenizer, vocab, config, special, added} {
			if len(content) > 0 {
				put(t, folder, names[i]+".json", string(content))
			}
		}
		put(t, folder, "merges.txt", string(merges))
		tok, err := Open(folder)
		if err != nil {
			return
		}
		ids, err := tok.Encode(text)
		if err != nil {
			return
		}
		if _, err := tok.Decode(ids); err != nil {
			t.Errorf("%q became %v: %v", text, ids, err)
		}
	})
}
