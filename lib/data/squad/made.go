package squad

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// MadeConfig says what questions to make.
type MadeConfig struct {
	Count  int
	Seed   uint64
	Filler []string // sentences of a real text that stand between the facts; nil: none
	// Held takes the wordings that are kept back, of facts and of questions: what is learnt on the others is measured on these.
	Held bool
}

// relation is a kind of fact. In its wordings S is what it is about and V the value. Of facts and questions the last wordings are held back.
type relation struct {
	subject, value func(r *rand.Rand) string
	facts          []string
	questions      []string
}

var relations = []relation{
	{person, place, []string{"S was born in V.", "S comes from V.", "The birthplace of S is V."}, []string{"Where was S born?", "Where does S come from?", "In which place was S born?"}},
	{person, trade, []string{"S works as a V.", "S is a V.", "S earns a living as a V."}, []string{"What does S do for a living?", "What is the profession of S?", "As what does S work?"}},
	{person, year, []string{"S was born in the year V.", "The year in which S was born is V.", "S came into the world in V."}, []string{"When was S born?", "What is the birth year of S?", "In which year was S born?"}},
	{place, number, []string{"S has V inhabitants.", "About V people live in S.", "The population of S is V."}, []string{"How many inhabitants does S have?", "What is the population of S?", "How many people live in S?"}},
	{place, person, []string{"The mayor of S is V.", "S has elected V as its mayor.", "V is the mayor of S."}, []string{"Who is the mayor of S?", "Which person governs S as mayor?", "What is the name of the mayor of S?"}},
	{firm, person, []string{"S was founded by V.", "V founded S.", "The founder of S is V."}, []string{"Who founded S?", "By whom was S founded?", "Who is the founder of S?"}},
	{firm, goods, []string{"S makes V.", "S produces V.", "The workshops of S turn out V."}, []string{"What does S make?", "What are the products of S?", "What does S produce?"}},
	{firm, place, []string{"S has its offices in V.", "The seat of S is V.", "S is based in V."}, []string{"Where is S based?", "Where are the offices of S?", "In which place does S have its seat?"}},
	{mountain, metres, []string{"S is V high.", "S rises to V.", "The height of S is V."}, []string{"How high is S?", "What is the height of S?", "How tall is S?"}},
	{book, person, []string{"S was written by V.", "V wrote S.", "The author of S is V."}, []string{"Who wrote S?", "By whom was S written?", "Who is the author of S?"}},
}

// Made makes questions, three in ten of which their passage doesn't answer. The same config makes the same.
func Made(c MadeConfig) []Question {
	r := rand.New(rand.NewPCG(c.Seed, 0x5c0ad))
	list := make([]Question, c.Count)
	for i := range list {
		list[i] = c.question(r)
		list[i].ID = fmt.Sprintf("made-%d-%d", c.Seed, i)
	}
	return list
}

// question makes a passage of some facts and asks for one of them, or for one that it doesn't have.
func (c MadeConfig) question(r *rand.Rand) Question {
	of := &relations[r.IntN(len(relations))]
	subject, value := of.subject(r), of.value(r)
	asked := fill(c.pick(r, of.questions), subject, "")
	fact := fill(c.pick(r, of.facts), subject, value)

	other := of.subject(r) // what else the passage tells of may be mistaken for what is asked
	sentences := []string{fill(c.pick(r, of.facts), other, of.value(r))}
	for range 1 + r.IntN(2) {
		more := &relations[r.IntN(len(relations))]
		about := more.subject(r)
		if more != of && sameKind(more, of) && r.IntN(2) == 0 {
			about = subject
		}
		sentences = append(sentences, fill(c.pick(r, more.facts), about, more.value(r)))
	}
	if len(c.Filler) > 0 && r.IntN(2) == 0 {
		sentences = append(sentences, c.Filler[r.IntN(len(c.Filler))])
	}
	answered := r.IntN(10) < 7
	if answered {
		sentences = append(sentences, fact)
	}
	r.Shuffle(len(sentences), func(i, j int) { sentences[i], sentences[j] = sentences[j], sentences[i] })
	q := Question{Text: asked, Passage: strings.Join(sentences, " ")}
	if answered {
		first := strings.Index(q.Passage, fact)
		q.Answers = []Answer{{value, first + strings.Index(fact, value)}}
	}
	return q
}

// sameKind says whether two relations are about things of one kind.
func sameKind(a, b *relation) bool {
	kind := func(r *relation) string { return fmt.Sprintf("%p", r.subject) }
	return kind(a) == kind(b)
}

// pick takes one of the wordings, the last where wordings are held back.
func (c MadeConfig) pick(r *rand.Rand, wordings []string) string {
	if c.Held {
		return wordings[len(wordings)-1]
	}
	return wordings[r.IntN(len(wordings)-1)]
}

// fill puts a subject and a value into a wording.
func fill(wording, subject, value string) string {
	words := strings.Fields(wording)
	for i, w := range words {
		switch strings.TrimRight(w, ".?") {
		case "S":
			words[i] = strings.Replace(w, "S", subject, 1)
		case "V":
			words[i] = strings.Replace(w, "V", value, 1)
		}
	}
	text := strings.Join(words, " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

// The names are made of syllables, so that nobody has learnt them before.
func name(r *rand.Rand, syllables int) string {
	begins := []string{"b", "br", "d", "dr", "f", "g", "h", "k", "kl", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "w"}
	ends := []string{"a", "an", "ar", "e", "el", "en", "i", "in", "o", "on", "or", "u", "us"}
	var b strings.Builder
	for range syllables {
		b.WriteString(begins[r.IntN(len(begins))] + ends[r.IntN(len(ends))])
	}
	text := b.String()
	return strings.ToUpper(text[:1]) + text[1:]
}

func one(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

func person(r *rand.Rand) string {
	return one(r, "Anna", "Boris", "Clara", "David", "Elena", "Frank", "Greta", "Hugo", "Ida", "Jonas", "Karl", "Lena", "Maria", "Nils", "Olga", "Paul", "Rosa", "Simon", "Thea", "Viktor") +
		" " + name(r, 2)
}
func place(r *rand.Rand) string { return name(r, 2) + one(r, "", "burg", "ford", "ton") }
func trade(r *rand.Rand) string {
	return one(r, "baker", "carpenter", "doctor", "farmer", "gardener", "lawyer", "librarian", "painter", "pilot", "sailor", "teacher", "watchmaker")
}
func year(r *rand.Rand) string   { return fmt.Sprint(1800 + r.IntN(200)) }
func number(r *rand.Rand) string { return fmt.Sprintf("%d,%03d", 1+r.IntN(90), r.IntN(1000)) }
func firm(r *rand.Rand) string {
	return name(r, 2) + " " + one(r, "Works", "Brothers", "Company", "and Sons")
}
func goods(r *rand.Rand) string {
	return one(r, "bicycles", "boats", "bells", "carpets", "chairs", "clocks", "glass lenses", "guitars", "lamps", "paper", "pianos", "steam engines")
}
func mountain(r *rand.Rand) string { return "Mount " + name(r, 2) }
func metres(r *rand.Rand) string   { return fmt.Sprintf("%d metres", 500+r.IntN(7000)) }
func book(r *rand.Rand) string {
	return "The " + one(r, "Red", "Silent", "Last", "Lost", "Golden", "Broken") + " " + one(r, "Garden", "Tower", "River", "Mirror", "Winter", "Voyage")
}
