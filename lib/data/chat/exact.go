package chat

import "fmt"

// Score is how many answers were right to the letter, each given the true conversation before it.
type Score struct {
	Answers, RightAnswers             int
	Conversations, RightConversations int // all answers right
	Mistakes                          []Mistake
}

// Mistake is an answer that differs.
type Mistake struct {
	Before    Conversation // the last message is the question
	Want, Got string
}

// Exact asks for each answer of each conversation. answer gives the tokens that follow each prompt.
func (f *Format) Exact(list []Conversation, limit int, answer func(prompts [][]int32) ([][]int32, error)) (*Score, error) {
	score := &Score{Conversations: len(list)}
	var prompts [][]int32
	var places [][2]int
	for i, c := range list {
		for j := 1; j < len(c); j += 2 {
			p, err := f.Prompt(c[:j], limit)
			if err != nil {
				return nil, err
			}
			prompts, places = append(prompts, p), append(places, [2]int{i, j})
		}
	}
	got, err := answer(prompts)
	if err != nil {
		return nil, err
	}
	if len(got) != len(prompts) {
		return nil, fmt.Errorf("chat: %d prompts have %d answers", len(prompts), len(got))
	}
	wrong := map[int]bool{}
	for n, at := range places {
		text, err := f.Text(got[n])
		if err != nil {
			return nil, err
		}
		c := list[at[0]]
		score.Answers++
		if text == c[at[1]].Content {
			score.RightAnswers++
		} else {
			wrong[at[0]] = true
			score.Mistakes = append(score.Mistakes, Mistake{c[:at[1]], c[at[1]].Content, text})
		}
	}
	score.RightConversations = score.Conversations - len(wrong)
	return score, nil
}
