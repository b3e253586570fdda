package command

import (
	"strings"
	"testing"

	"genlab/lib/data/chat"
	"genlab/lib/data/tokens"
	"genlab/lib/models/gpt"
)

// A vocabulary of more tokens than the weights know is refused before anything is drawn.
func TestOpenTokenizerThatDoesNotMatch(t *testing.T) {
	tok, err := chat.Vocabulary([]chat.Conversation{{{Role: chat.User, Content: "abcd"}, {Role: chat.Assistant, Content: "efgh"}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := tokens.Save(folder, tok); err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]string{tok.Len() - 1: "they don't belong together", tok.Len(): ""} {
		_, err := openTokenizer(folder, &gpt.Model{Config: gpt.Tiny(size)})
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("weights of %d tokens: got %v, want %q", size, err, want)
		}
	}
}
