package chat

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
)

const two = `{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello, größe!"}]}
{"messages": [{"role": "user", "content": "Bye"}, {"role": "assistant", "content": "See you."}]}
`

// One file as other programs write it.
func TestReadFiles(t *testing.T) {
	want, err := Read(strings.NewReader(two))
	if err != nil || len(want) != 2 {
		t.Fatal(want, err)
	}
	var wide []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + two)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, text := range map[string]string{
		"a mark": "\ufeff" + two, "carriage returns": strings.ReplaceAll(two, "\n", "\r"), "both": strings.ReplaceAll(two, "\n", "\r\n"), "UTF-16": string(wide),
		"blank lines": "\n" + strings.ReplaceAll(two, "\n", "\n \n"), "no end": strings.TrimSpace(two),
	} {
		if got, err := Read(strings.NewReader(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for text, want := range map[string]string{
		"[\n" + two + "]": "one JSON array",
		`{"conversations": [{"from": "human", "value": "Hi"}]}`: `line 1 has no messages, but ["conversations"]`,
		two + "Hi\n":              "line 3 isn't JSON",
		"{\"messages\": \"\xff\"": "which is no UTF-8",
		"\ufeff":                  "no conversation in it",
	} {
		if got, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
}

// A conversation that comes twice is learnt or measured, not both.
func TestSplit(t *testing.T) {
	var list []Conversation
	for i := range 60 {
		list = append(list, Conversation{{User, fmt.Sprint(i % 40)}, {Assistant, "yes"}})
	}
	learn, held, err := Split(list, 500)
	if err != nil || len(held) != 4 || len(learn) != 56 || held[0][0].Content != "36" {
		t.Fatalf("%d learnt, %d held out, %v: %v", len(learn), len(held), err, held)
	}
	for _, h := range held {
		for _, c := range learn {
			if c.Key() == h.Key() {
				t.Errorf("%v is learnt and held out", h)
			}
		}
	}
	if learn, held, err := Split(list[:40], 3); err != nil || len(learn) != 37 || len(held) != 3 {
		t.Errorf("%d learnt, %d held out, %v", len(learn), len(held), err)
	}
	if _, _, err := Split([]Conversation{list[0], list[0], list[0]}, 500); err == nil || !strings.Contains(err.Error(), "1 different conversations") {
		t.Errorf("one conversation thrice gives %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{two, "\ufeff" + two, "[]", "{}", `{"messages": null}`, `{"messages": [{"role": "user", "content": "\u0000\ud800"}, {"role": "assistant", "content": " "}]}`, "null", "1\r2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		tok, err := Vocabulary(list, 0)
		if err != nil {
			t.Fatal(err)
		}
		format, err := NewFormat(tok)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			ids, answer, err := format.Encode(c)
			if err != nil || len(ids) != len(answer) {
				t.Fatalf("%v: %d tokens, %d marks, %v", c, len(ids), len(answer), err)
			}
		}
		var out strings.Builder
		if err := Write(&out, list); err != nil {
			t.Fatal(err)
		}
		if again, err := Read(strings.NewReader(out.String())); err != nil || !reflect.DeepEqual(again, list) {
			t.Fatalf("%v is written and read as %v, %v", list, again, err)
		}
	})
}
