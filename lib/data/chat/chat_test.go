package chat

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/text"
	"genlab/lib/data/tokens"
)

func format(t *testing.T, list []Conversation) *Format {
	t.Helper()
	tok, err := Vocabulary(list, 0)
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewFormat(tok)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var sums = regexp.MustCompile(`^(\d+) (plus|minus) (\d+) is (\d+)\.$`)

// Made conversations are valid and all different, their sums right, and what is told is what is answered later.
func TestMake(t *testing.T) {
	list := Make(2000, 1)
	held := Make(200, 2, list...)
	seen := map[string]bool{}
	checked, recalled := 0, 0
	for _, c := range append(list, held...) {
		if err := c.Validate(); err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		if seen[c.Key()] {
			t.Fatalf("%v comes twice", c)
		}
		seen[c.Key()] = true
		name := ""
		for i := 0; i < len(c); i += 2 {
			if m := sums.FindStringSubmatch(c[i+1].Content); m != nil {
				a, _ := strconv.Atoi(m[1])
				b, _ := strconv.Atoi(m[3])
				if m[2] == "minus" {
					b = -b
				}
				if fmt.Sprint(a+b) != m[4] {
					t.Errorf("%q is wrong", m[0])
				}
				checked++
			}
			if told, ok := strings.CutPrefix(c[i].Content, "My name is "); ok {
				name = told
			}
			if c[i].Content == "What is my name?" {
				want := "I don't know your name. What is it?"
				if name != "" {
					want = "Your name is " + name
					recalled++
				}
				if c[i+1].Content != want {
					t.Errorf("%v: want %q", c, want)
				}
			}
		}
	}
	if checked < 500 || recalled < 20 {
		t.Errorf("%d sums and %d names recalled", checked, recalled)
	}
	if !reflect.DeepEqual(Make(50, 1), list[:50]) {
		t.Error("the same seed makes other conversations")
	}
}

// Labels are the answers and their ends, nothing else.
func TestBatches(t *testing.T) {
	list := []Conversation{{{User, "ab"}, {Assistant, "cd"}, {User, "e"}, {Assistant, "f"}}}
	f := format(t, list)
	b, err := f.NewBatches(list, BatchConfig{Size: 1, Length: 14})
	if err != nil {
		t.Fatal(err)
	}
	out, err := b.Batch(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	x, y := tensors.MustCopyFlatData[int32](out[0]), tensors.MustCopyFlatData[int32](out[1])
	var learnt []int32
	for i := range y {
		if y[i] >= 0 {
			learnt = append(learnt, y[i])
			if i+1 < len(x) && x[i+1] != y[i] && y[i] != f.ends {
				t.Errorf("label %d is %d, the next token %d", i, y[i], x[i+1])
			}
		}
	}
	if got, err := f.tokenizer.Decode(learnt); err != nil || got != "cd\x04f\x04" {
		t.Errorf("learnt %q, %v", got, err)
	}
	if got, err := f.tokenizer.Decode(x[:9]); err != nil || got != "\x02ab\x03cd\x04\x02e" {
		t.Errorf("tokens %q, %v", got, err)
	}
	if _, err := f.NewBatches(list, BatchConfig{Size: 1, Length: 5}); err == nil || !strings.Contains(err.Error(), "conversation 1 has 12 tokens") {
		t.Errorf("too long a conversation: %v", err)
	}
}

func TestPrompt(t *testing.T) {
	c := Conversation{{User, "ab"}, {Assistant, "cd"}, {User, "e"}}
	f := format(t, []Conversation{c})
	for limit, want := range map[int]string{20: "\x02ab\x03cd\x04\x02e\x03", 9: "\x02e\x03"} {
		ids, err := f.Prompt(c, limit)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := f.tokenizer.Decode(ids); got != want {
			t.Errorf("limit %d: %q, want %q", limit, got, want)
		}
	}
	if _, err := f.Prompt(c, 2); err == nil || !strings.Contains(err.Error(), "fewer words") {
		t.Errorf("too long a question: %v", err)
	}
}

func TestExact(t *testing.T) {
	c := Conversation{{User, "ab"}, {Assistant, "cd"}, {User, "e"}, {Assistant, "f"}}
	f := format(t, []Conversation{c})
	score, err := f.Exact([]Conversation{c, c[:2]}, 50, func(prompts [][]int32) ([][]int32, error) {
		var all [][]int32
		for range prompts {
			ids, err := f.tokenizer.Encode("cd\x04")
			if err != nil {
				return nil, err
			}
			all = append(all, ids)
		}
		return all, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if score.RightAnswers != 2 || score.Answers != 3 || score.RightConversations != 1 || len(score.Mistakes) != 1 || score.Mistakes[0].Want != "f" {
		t.Errorf("%+v", score)
	}
}

func TestRead(t *testing.T) {
	list := Make(20, 3)
	var file bytes.Buffer
	if err := Write(&file, list); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(&file); err != nil || !reflect.DeepEqual(got, list) {
		t.Errorf("written and read they differ: %v", err)
	}
	for lines, want := range map[string]string{
		"":    "no conversation",
		"\n{": "line 2 isn't JSON",
		`{"messages": [{"role": "user", "content": "a"}]}`:                                              "line 1: it has 1 messages",
		`{"messages": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "a"}]}`:       `message 1 has the role "assistant"`,
		`{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": " "}]}`:       "message 2 is empty",
		`{"messages": [{"role": "user", "content": "a\u0003"}, {"role": "assistant", "content": "b"}]}`: "control characters",
	} {
		if _, err := Read(strings.NewReader(lines)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want an error with %q, got %v", lines, want, err)
		}
	}
	if _, err := NewFormat(text.NewVocab("abc")); err == nil || !strings.Contains(err.Error(), "wasn't trained on conversations") {
		t.Errorf("a vocabulary without marks: %v", err)
	}
	bpe, err := tokens.Learn("abc", 256)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewFormat(bpe); err != nil {
		t.Error(err)
	}
}
