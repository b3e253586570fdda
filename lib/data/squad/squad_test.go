package squad

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"genlab/lib/data/wordpiece"
)

const published = `{"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "Ünder the Öak sat Ida.", "qas": [
{"id": "a", "question": "Who sat there?", "answers": [{"text": "Ida", "answer_start": 18}], "is_impossible": false},
{"id": "b", "question": "Who stood there?", "answers": [], "is_impossible": true, "plausible_answers": [{"text": "Ida", "answer_start": 18}]}]}]}]}`

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.json")
	read := func(text string) ([]Question, error) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return Read(path)
	}
	list, err := read(published)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || len(list[1].Answers) != 0 || list[0].Passage[list[0].Answers[0].First:] != "Ida." {
		t.Errorf("%+v", list)
	}
	if err := Write(path, list); err != nil {
		t.Fatal(err)
	}
	if back, err := Read(path); err != nil || !reflect.DeepEqual(back, list) {
		t.Errorf("written and read again: %+v, %v", back, err)
	}
	for want, change := range map[string][2]string{
		"doesn't stand at character 17": {`"answer_start": 18}], "is_impossible": false`, `"answer_start": 17}], "is_impossible": false`},
		"doesn't stand at character 99": {`"answer_start": 18}], "is_impossible": false`, `"answer_start": 99}], "is_impossible": false`},
		"question a":                    {`"is_impossible": false`, `"is_impossible": true`},
		"isn't a file":                  {`{"version"`, `["version"`},
		"has no question":               {`"qas"`, `"none"`},
	} {
		if _, err := read(strings.Replace(published, change[0], change[1], 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", change, err, want)
		}
	}
}

func TestMade(t *testing.T) {
	list := Made(MadeConfig{Count: 400, Seed: 3, Filler: []string{"Light is refracted."}})
	if again := Made(MadeConfig{Count: 400, Seed: 3, Filler: []string{"Light is refracted."}}); !reflect.DeepEqual(list, again) {
		t.Error("one seed makes different questions")
	}
	none := 0
	for _, q := range list {
		if len(q.Answers) == 0 {
			none++
			continue
		}
		if a := q.Answers[0]; !strings.HasPrefix(q.Passage[a.First:], a.Text) {
			t.Errorf("%q isn't at byte %d of %q", a.Text, a.First, q.Passage)
		}
	}
	if none < 80 || none > 160 {
		t.Errorf("%d of 400 have no answer, not about 120", none)
	}
	for _, q := range Made(MadeConfig{Count: 50, Seed: 4, Held: true}) {
		for _, r := range relations {
			for _, wording := range r.questions[:len(r.questions)-1] {
				if begin, _, _ := strings.Cut(wording, " S"); strings.HasPrefix(q.Text, begin+" ") && !strings.HasPrefix(held(r), begin) && !anyHeld(begin) {
					t.Errorf("%q is worded as a question to learn from, %q", q.Text, wording)
				}
			}
		}
	}
}

func held(r relation) string { return r.questions[len(r.questions)-1] }

// anyHeld says whether a wording that is kept back begins so, too.
func anyHeld(begin string) bool {
	for _, r := range relations {
		if strings.HasPrefix(held(r), begin) {
			return true
		}
	}
	return false
}

func TestBatches(t *testing.T) {
	list := []Question{
		{ID: "a", Text: "who sat?", Passage: "under the oak sat ida kello .", Answers: []Answer{{"ida kello", 18}}},
		{ID: "b", Text: "who stood?", Passage: "under the oak sat ida ."},
	}
	tok, err := wordpiece.Learn(list[0].Passage+" "+list[0].Text+" "+list[1].Text, 60, wordpiece.Uncased())
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewBatches(list, tok, BatchConfig{Size: 1, Length: 40, Stride: 8})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for step := range b.Steps() {
		batch, err := b.Batch(0, step)
		if err != nil {
			t.Fatal(err)
		}
		pieces, label := batch[0].Value().([][]int32)[0], batch[1].Value().([][]int32)[0]
		mask, types := batch[2].Value().([][]int32)[0], batch[3].Value().([][]int32)[0]
		answer, err := tok.Decode(pieces[label[0] : label[1]+1])
		if err != nil {
			t.Fatal(err)
		}
		seen[answer] = true
		for i, id := range pieces {
			if (mask[i] == 1) != (id != tok.Pad) || types[i] == 1 && mask[i] == 0 {
				t.Errorf("piece %d is %s, its mask %d and type %d", i, tok.Text(id), mask[i], types[i])
			}
		}
	}
	if len(seen) != 2 || !seen["ida kello"] || !seen[""] { // [CLS] stands for none
		t.Errorf("the answers are %v", seen)
	}
	if _, err := NewBatches(list, tok, BatchConfig{Size: 9, Length: 40, Stride: 8}); err == nil {
		t.Error("batches of 9 out of 2")
	}
}
