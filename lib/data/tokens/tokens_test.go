package tokens

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"genlab/lib/data/text"
)

// theirs is what Hugging Face's tokenizers made, see testdata/make.py.
type theirs struct {
	Text            string
	Merges, Strings []string
	IDs             [][]int32
}

func golden(t *testing.T) theirs {
	t.Helper()
	raw, err := os.ReadFile("testdata/tokenizers.json")
	if err != nil {
		t.Fatal(err)
	}
	var g theirs
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// The same text gives the same merges, and these the same ids, as with Hugging Face's tokenizers.
func TestAsTokenizers(t *testing.T) {
	g := golden(t)
	b, err := Learn(g.Text, 700)
	if err != nil {
		t.Fatal(err)
	}
	var merges []string
	for _, p := range b.merges.List {
		merges = append(merges, b.show(p[0])+" "+b.show(p[1]))
	}
	for i := range max(len(merges), len(g.Merges)) {
		if i >= len(merges) || i >= len(g.Merges) || merges[i] != g.Merges[i] {
			t.Fatalf("%d merges, theirs %d; they differ at %d: %v and %v", len(merges), len(g.Merges), i, merges[i:min(i+2, len(merges))], g.Merges[i:min(i+2, len(g.Merges))])
		}
	}
	folder := t.TempDir()
	if err := Save(folder, b); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	for name, tok := range map[string]Tokenizer{"learnt": b, "opened": opened} {
		for i, s := range g.Strings {
			ids, err := tok.Encode(s)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(ids, g.IDs[i]) {
				t.Errorf("%s: %q is %v, theirs %v", name, s, ids, g.IDs[i])
			}
			if back, err := tok.Decode(ids); err != nil || back != s {
				t.Errorf("%s: %q becomes %q (%v)", name, s, back, err)
			}
		}
	}
}

// Characters that are cut between tokens come out whole.
func TestStream(t *testing.T) {
	s := Stream{Tokenizer: newBPE()} // a token a byte
	text := "aё🙂 b中"
	ids, err := s.Tokenizer.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, id := range ids {
		piece, err := s.Add(id)
		if err != nil {
			t.Fatal(err)
		}
		if piece != "" {
			got = append(got, piece)
		}
	}
	if want := []string{"a", "ё", "🙂", " ", "b", "中"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStopper(t *testing.T) {
	for _, c := range []struct {
		pieces []string
		want   string
	}{
		{[]string{"one t", "wo thr", "ee END more"}, "one two three "},
		{[]string{"one E", "N", "D two"}, "one "},
		{[]string{"one E", "NE", "ND two"}, "one EN"},
		{[]string{"one", " EN"}, "one EN"},
		{[]string{"a\n", "\n", "b"}, "a"},
	} {
		s := Stopper{Stops: []string{"END", "\n\n", ""}}
		var b strings.Builder
		for _, p := range c.pieces {
			show, ended := s.Add(p)
			b.WriteString(show)
			if ended {
				break
			}
		}
		b.WriteString(s.Rest())
		if b.String() != c.want {
			t.Errorf("%q: got %q, want %q", c.pieces, b.String(), c.want)
		}
	}
}

func TestCharactersSaved(t *testing.T) {
	folder := t.TempDir()
	v := text.NewVocab("héllo\x02\n")
	if err := Save(folder, v); err != nil {
		t.Fatal(err)
	}
	got, err := Open(folder)
	if err != nil || got.(*text.Vocab).String() != v.String() {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestReadText(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{
		"b.txt": "second", "a/one.md": "first", ".hidden/x.txt": "no", ".x": "no", "picture.png": "\x89PNG\xff", "zero.txt": "a\x00b",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := ReadText(folder); err != nil || got != "first\n\nsecond" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := ReadText(filepath.Join(folder, "picture.png")); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("a picture: %v", err)
	}
	if _, err := ReadText(filepath.Join(folder, ".hidden", "nowhere")); err == nil {
		t.Error("a file that isn't there is read")
	}
}

func TestRefusals(t *testing.T) {
	write := func(vocab, merges string) string {
		folder := t.TempDir()
		for name, content := range map[string]string{"vocab.json": vocab, "merges.txt": merges} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return folder
	}
	good := func() string {
		b := newBPE()
		vocab := map[string]int{}
		for i := range b.tokens {
			vocab[b.show(int32(i))] = i
		}
		raw, err := json.Marshal(vocab)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}()
	for want, folder := range map[string]string{
		"no tokenizer":        t.TempDir(),
		"is damaged":          write("{", ""),
		"numbers must be":     write(`{"a": 1}`, ""),
		"no token for byte":   write(`{"a": 0}`, ""),
		`line 2: "a b" isn't`: write(good, "#version: 0.2\na b\n"),
		"isn't two tokens":    write(good, "ab\n"),
		`"zz" has number 700`: write(strings.Replace(good, "{", `{"zz": 700,`, 1), ""),
	} {
		if _, err := Open(folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	if _, err := Learn("abc", 255); err == nil || !strings.Contains(err.Error(), "at least 256") {
		t.Errorf("a vocabulary that is too small: %v", err)
	}
	if _, err := newBPE().Encode("\xff"); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("no UTF-8: %v", err)
	}
	if _, err := newBPE().Decode([]int32{0, 256}); err == nil || !strings.Contains(err.Error(), "token 1 is 256") {
		t.Errorf("an unknown token: %v", err)
	}
}
