package translation

import (
	"fmt"
	"math/rand/v2"
)

// Pair is a text and its translation.
type Pair struct {
	Source, Target string
}

// Language is what English is translated to.
type Language string

// The languages that pairs are made in, from English.
const (
	Russian Language = "ru" // all six cases, three genders
	German  Language = "de"
)

// MaxNumber is the largest number that phrases speak of.
const MaxNumber = 999_999_999

// PhraseConfig says which phrases to make.
type PhraseConfig struct {
	Target Language
	Seed   uint64
	// Digits is the most digits that a number has, 1 to 9; 0 is 9. Longer ones are then a test of length.
	Digits int
}

// Phrases makes pairs of English phrases and their translations: numbers in words up to [MaxNumber], numbers of things after a
// preposition, dates and clock times. A tenth of all numbers of three digits or more, of the dates and of the clock times are held
// out: they come in test pairs only.
type Phrases struct {
	config PhraseConfig
}

// NewPhrases checks the config.
func NewPhrases(c PhraseConfig) (*Phrases, error) {
	if c.Target != Russian && c.Target != German {
		return nil, fmt.Errorf("translation: target is %q: it must be %q or %q", c.Target, Russian, German)
	}
	if c.Digits == 0 {
		c.Digits = 9
	}
	if c.Digits < 1 || c.Digits > 9 {
		return nil, fmt.Errorf("translation: digits is %d: it must be 1 to 9", c.Digits)
	}
	return &Phrases{c}, nil
}

// Train gives the i-th pair of an endless list for training. It depends on the seed and i alone.
func (p *Phrases) Train(i int) Pair { return p.pair(i, false) }

// Test gives the i-th pair of an endless list of held-out phrases.
func (p *Phrases) Test(i int) Pair { return p.pair(i, true) }

// Kind is a kind of phrase.
type Kind string

// The kinds, with how many of ten phrases are of each.
const (
	Numbers Kind = "numbers"           // 4
	Counts  Kind = "numbers of things" // 3
	Dates   Kind = "dates"             // 2
	Times   Kind = "clock times"       // 1
)

// Kinds are all kinds.
var Kinds = []Kind{Numbers, Counts, Dates, Times}

// TestKind is the kind of the i-th test pair.
func (p *Phrases) TestKind(i int) Kind { return kind(p.source(i, true)) }

// Long gives the i-th pair of an endless list of numbers that have that many digits, 1 to 9, held out or not: with more digits than
// the config's, a test of length.
func (p *Phrases) Long(i, digits int) Pair {
	least := 1
	for range digits - 1 {
		least *= 10
	}
	return p.Number(least + rand.New(rand.NewPCG(p.config.Seed+uint64(digits), uint64(i))).IntN(9*least))
}

// Number gives the pair of a number alone.
func (p *Phrases) Number(n int) Pair {
	target := germanNumber(n)
	if p.config.Target == Russian {
		target = russianNumber(n, nominative, masculine)
	}
	return Pair{englishNumber(n), target}
}

// heldOut tells whether a number, date or time is kept for tests.
func heldOut(kind, value uint64) bool {
	// A step of SplitMix64 (Steele et al., "Fast splittable pseudorandom number generators", 2014).
	x := value*4 + kind + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x^x>>31)%10 == 0
}

const (
	numberKind = iota
	dateKind
	timeKind
)

var (
	countPrepositions = []string{"", "without", "to", "through", "with", "about"}
	datePrepositions  = []string{"", "on", "before", "after", "by"}
	things            = []thing{
		{"table", "tables",
			russianNoun{masculine, caseForms("стол стола столу стол столом столе"), caseForms("столы столов столам столы столами столах")},
			germanNoun{masculine, "Tisch", "Tische", "Tischen"}},
		{"house", "houses",
			russianNoun{masculine, caseForms("дом дома дому дом домом доме"), caseForms("дома домов домам дома домами домах")},
			germanNoun{neuter, "Haus", "Häuser", "Häusern"}},
		{"book", "books",
			russianNoun{feminine, caseForms("книга книги книге книгу книгой книге"), caseForms("книги книг книгам книги книгами книгах")},
			germanNoun{neuter, "Buch", "Bücher", "Büchern"}},
		{"lamp", "lamps",
			russianNoun{feminine, caseForms("лампа лампы лампе лампу лампой лампе"), caseForms("лампы ламп лампам лампы лампами лампах")},
			germanNoun{feminine, "Lampe", "Lampen", "Lampen"}},
		{"letter", "letters",
			russianNoun{neuter, caseForms("письмо письма письму письмо письмом письме"), caseForms("письма писем письмам письма письмами письмах")},
			germanNoun{masculine, "Brief", "Briefe", "Briefen"}},
		{"window", "windows",
			russianNoun{neuter, caseForms("окно окна окну окно окном окне"), caseForms("окна окон окнам окна окнами окнах")},
			germanNoun{neuter, "Fenster", "Fenster", "Fenstern"}},
	}
)

type thing struct {
	singular, plural string
	russian          russianNoun
	german           germanNoun
}

func (p *Phrases) pair(i int, test bool) Pair {
	rng := p.source(i, test)
	switch kind(rng) {
	case Numbers:
		return p.Number(p.number(rng, test))
	case Counts:
		return p.count(rng, p.number(rng, test))
	case Dates:
		return p.date(rng, test)
	default:
		return p.time(rng, test)
	}
}

// source is what the i-th pair is drawn from, its kind first.
func (p *Phrases) source(i int, test bool) *rand.Rand {
	list := uint64(i) * 2
	if test {
		list++
	}
	return rand.New(rand.NewPCG(p.config.Seed, list))
}

func kind(rng *rand.Rand) Kind {
	switch n := rng.IntN(10); {
	case n < 4:
		return Numbers
	case n < 7:
		return Counts
	case n < 9:
		return Dates
	default:
		return Times
	}
}

// number has each count of digits equally often. Numbers below 100 are never held out: nothing else teaches their words.
func (p *Phrases) number(rng *rand.Rand, test bool) int {
	for {
		least := 1
		if test {
			least = min(3, p.config.Digits)
		}
		limit := 1
		for range least + rng.IntN(p.config.Digits-least+1) {
			limit *= 10
		}
		n := limit/10 + rng.IntN(limit-limit/10)
		if limit == 10 {
			n = rng.IntN(10)
		}
		if (n >= 100 && heldOut(numberKind, uint64(n))) == (test && p.config.Digits > 2) {
			return n
		}
	}
}

func (p *Phrases) count(rng *rand.Rand, n int) Pair {
	preposition, thing := countPrepositions[rng.IntN(len(countPrepositions))], things[rng.IntN(len(things))]
	name := thing.plural
	if n == 1 {
		name = thing.singular
	}
	source := join(preposition, englishNumber(n), name)
	if p.config.Target == Russian {
		return Pair{source, russianCount(preposition, n, thing.russian)}
	}
	return Pair{source, germanCount(preposition, n, thing.german)}
}

func (p *Phrases) date(rng *rand.Rand, test bool) Pair {
	preposition := datePrepositions[rng.IntN(len(datePrepositions))]
	for {
		month, year := 1+rng.IntN(12), 1000+rng.IntN(2000)
		day := 1 + rng.IntN([]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1])
		if heldOut(dateKind, uint64((year*12+month)*31+day)) != test {
			continue
		}
		source := englishDate(preposition, day, month, year)
		if p.config.Target == Russian {
			return Pair{source, russianDate(preposition, day, month, year)}
		}
		return Pair{source, germanDate(preposition, day, month, year)}
	}
}

// time has hours 1 to 12. "By" and "after" stand before full and half hours only; full hours are never held out.
func (p *Phrases) time(rng *rand.Rand, test bool) Pair {
	for {
		hour, minute := 1+rng.IntN(12), rng.IntN(60)
		if rng.IntN(4) == 0 {
			minute = rng.IntN(4) * 15
		}
		if (minute%15 != 0 && heldOut(timeKind, uint64(hour*60+minute))) != test {
			continue
		}
		prepositions := []string{"", "at"}
		if minute%30 == 0 {
			prepositions = []string{"", "at", "by", "after"}
		}
		preposition := prepositions[rng.IntN(len(prepositions))]
		source := englishTime(preposition, hour, minute)
		if p.config.Target == Russian {
			return Pair{source, russianTime(preposition, hour, minute)}
		}
		return Pair{source, germanTime(preposition, hour, minute)}
	}
}
