package tokens

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genlab/lib/data/text"
)

// A million characters get the ids that tokenizers and tiktoken give them: prose, Go, and letters of many scripts, emoji, digits and
// spaces at random. Runs where `make peers` has installed both.
func TestMillionAsPeers(t *testing.T) {
	python := filepath.Join("..", "..", "..", ".cache", "peers", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Skip("no tokenizers and tiktoken to compare with: make peers")
	}
	opticks, err := text.Opticks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const million = 1_000_000
	var all strings.Builder
	src := filepath.Join(filepath.Dir(opticks), "..")
	for _, path := range []string{opticks, filepath.Join(src, "net", "http", "server.go"), filepath.Join(src, "fmt", "print.go")} {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
	}
	kinds := [][]rune{
		[]rune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), []rune("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВ"), []rune("0123456789٣४²½"),
		[]rune(" \t\n\r\u00a0\u2003"), []rune("🙂👩‍🚀🇷🇺é́中文日本語हिन्दी"), []rune(".,:;!?'\"()[]{}<>/\\|@#$%^&*_-+=~`"),
	}
	r := rand.New(rand.NewPCG(1, 1))
	for written := len([]rune(all.String())); written < million; {
		kind := kinds[r.IntN(len(kinds))]
		for range min(1+r.IntN(6), million-written) {
			all.WriteRune(kind[r.IntN(len(kind))])
			written++
		}
	}
	corpus := all.String()
	b, err := Learn(corpus, 2000)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := b.Encode(corpus)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := Save(folder, b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "text")
	if err := os.WriteFile(file, []byte(corpus), 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, "testdata/ids.py", folder, file)
	command.Stderr = os.Stderr
	raw, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs map[string][]int32
	if err := json.Unmarshal(raw, &theirs); err != nil {
		t.Fatal(err)
	}
	for name, want := range theirs {
		if !slices.Equal(ids, want) {
			at := 0
			for at < min(len(ids), len(want)) && ids[at] == want[at] {
				at++
			}
			t.Errorf("%s gives %d tokens, here are %d; they part at %d: %d and %d", name, len(want), len(ids), at, want[at:min(at+5, len(want))], ids[at:min(at+5, len(ids))])
		}
	}
	t.Logf("%d characters, %d tokens", len([]rune(corpus)), len(ids))
}
