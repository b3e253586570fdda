package chat

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Make makes n conversations, no two alike and none of which is among others: sums and differences, days and months, facts told
// earlier in the talk, asking back where something is missing, saying that it doesn't know. Each answer is the only right one.
func Make(n int, seed uint64, others ...Conversation) []Conversation {
	rng := rand.New(rand.NewPCG(seed, 0))
	seen := map[string]bool{}
	for _, c := range others {
		seen[c.Key()] = true
	}
	var list []Conversation
	for len(list) < n {
		c := talk(rng)
		if !seen[c.Key()] {
			seen[c.Key()] = true
			list = append(list, c)
		}
	}
	return list
}

var (
	names   = strings.Fields("Anna Boris Clara David Elena Felix Greta Henry Irina James Karin Leo Maria Nina Oscar Paula Roman Sofia Tomas Vera")
	cities  = strings.Fields("Paris London Berlin Madrid Rome Vienna Oslo Prague Moscow Kazan Tokyo Cairo Lima Delhi Sydney Boston")
	colours = strings.Fields("red blue green yellow white black orange purple pink brown grey gold")
	foods   = strings.Fields("bread cheese soup pasta rice apples honey fish cake berries nuts tea")
	days    = strings.Fields("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
	months  = strings.Fields("January February March April May June July August September October November December")
	lengths = []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
)

// fact is something that the user may tell and ask for later.
type fact struct {
	name, tell, ask, confirm, know, unknown string
	values                                  []string
}

var facts = []fact{
	{"name", "My name is %s.", "What is my name?", "Nice to meet you, %s.", "Your name is %s.", "I don't know your name. What is it?", names},
	{"city", "I live in %s.", "Where do I live?", "I see, you live in %s.", "You live in %s.", "I don't know where you live. Where is it?", cities},
	{"colour", "My favourite colour is %s.", "What is my favourite colour?", "I will remember %s.", "Your favourite colour is %s.", "I don't know your favourite colour. What is it?", colours},
	{"food", "I like to eat %s.", "What do I like to eat?", "Enjoy your %s.", "You like to eat %s.", "I don't know what you like to eat. What is it?", foods},
}

// talk makes a conversation of one to eight turns, mostly of three.
func talk(rng *rand.Rand) Conversation {
	t := &talker{rng: rng, known: map[string]string{}}
	for range 1 + rng.IntN(4) {
		switch k := rng.IntN(10); {
		case k < 4:
			t.sum()
		case k < 5:
			t.date()
		case k < 9:
			t.fact()
		default:
			t.unknowable()
		}
	}
	return t.said
}

type talker struct {
	rng   *rand.Rand
	known map[string]string
	said  Conversation
}

func (t *talker) turn(question, answer string) {
	t.said = append(t.said, Message{User, question}, Message{Assistant, answer})
}

func pick(rng *rand.Rand, list []string) string { return list[rng.IntN(len(list))] }

// sum asks for a sum or difference up to 20, or leaves a number out.
func (t *talker) sum() {
	a, b := t.rng.IntN(21), t.rng.IntN(21)
	word, result := "plus", a+b
	if t.rng.IntN(2) == 0 {
		a, b = max(a, b), min(a, b)
		word, result = "minus", a-b
	}
	if t.rng.IntN(8) == 0 {
		t.turn(fmt.Sprintf("What is %d %s?", a, word), fmt.Sprintf("%d %s what?", a, word))
		t.turn(fmt.Sprintf("%s %d.", strings.ToUpper(word[:1])+word[1:], b), fmt.Sprintf("%d %s %d is %d.", a, word, b, result))
		return
	}
	form := pick(t.rng, []string{"What is %d %s %d?", "How much is %d %s %d?"})
	t.turn(fmt.Sprintf(form, a, word, b), fmt.Sprintf("%d %s %d is %d.", a, word, b, result))
}

func (t *talker) date() {
	switch t.rng.IntN(6) {
	case 0, 1:
		i := t.rng.IntN(7)
		t.turn(fmt.Sprintf("Which day comes after %s?", days[i]), days[(i+1)%7]+".")
	case 2:
		i := t.rng.IntN(7)
		t.turn(fmt.Sprintf("Which day comes before %s?", days[i]), days[(i+6)%7]+".")
	case 3:
		i := t.rng.IntN(12)
		t.turn(fmt.Sprintf("Which month comes after %s?", months[i]), months[(i+1)%12]+".")
	case 4:
		i := t.rng.IntN(12)
		t.turn(fmt.Sprintf("How many days does %s have?", months[i]), fmt.Sprintf("%s has %d days.", months[i], lengths[i]))
	default:
		i := t.rng.IntN(7)
		t.turn("Which day comes next?", "After which day?")
		t.turn(fmt.Sprintf("After %s.", days[i]), days[(i+1)%7]+".")
	}
}

// fact tells one, or asks for one that has been told or not.
func (t *talker) fact() {
	f := facts[t.rng.IntN(len(facts))]
	value, told := t.known[f.name]
	switch {
	case t.rng.IntN(5) < 2 || told && t.rng.IntN(4) == 0: // facts may change
		value = pick(t.rng, f.values)
		t.known[f.name] = value
		t.turn(fmt.Sprintf(f.tell, value), fmt.Sprintf(f.confirm, value))
	case told:
		t.turn(f.ask, fmt.Sprintf(f.know, value))
	case len(t.known) > 0 && t.rng.IntN(2) == 0: // ask for what is known instead
		for _, f := range facts {
			if value, ok := t.known[f.name]; ok {
				t.turn(f.ask, fmt.Sprintf(f.know, value))
				return
			}
		}
	default:
		t.turn(f.ask, f.unknown)
	}
}

func (t *talker) unknowable() {
	switch t.rng.IntN(3) {
	case 0:
		t.turn(fmt.Sprintf("How old is %s?", pick(t.rng, names)), "I don't know.")
	case 1:
		t.turn(fmt.Sprintf("Will it rain in %s tomorrow?", pick(t.rng, cities)), "I don't know.")
	default:
		t.turn("Hello!", "Hello! How can I help?")
	}
}
