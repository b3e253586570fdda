package translation

import (
	"strings"
	"testing"
)

// Written by hand from grammars' tables (Розенталь, "Справочник по правописанию и стилистике", §§ 164–167; Duden, "Die Grammatik").
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		n          int
		en, ru, de string
	}{
		{0, "zero", "ноль", "null"},
		{1, "one", "один", "eins"},
		{16, "sixteen", "шестнадцать", "sechzehn"},
		{21, "twenty-one", "двадцать один", "einundzwanzig"},
		{40, "forty", "сорок", "vierzig"},
		{101, "one hundred one", "сто один", "einhunderteins"},
		{1000, "one thousand", "одна тысяча", "eintausend"},
		{2_002, "two thousand two", "две тысячи два", "zweitausendzwei"},
		{21_000, "twenty-one thousand", "двадцать одна тысяча", "einundzwanzigtausend"},
		{1_000_000, "one million", "один миллион", "eine Million"},
		{212_011_005, "two hundred twelve million eleven thousand five", "двести двенадцать миллионов одиннадцать тысяч пять", "zweihundertzwölf Millionen elftausendfünf"},
		{MaxNumber, "nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine",
			"девятьсот девяносто девять миллионов девятьсот девяносто девять тысяч девятьсот девяносто девять",
			"neunhundertneunundneunzig Millionen neunhundertneunundneunzigtausendneunhundertneunundneunzig"},
	} {
		if got := englishNumber(c.n); got != c.en {
			t.Errorf("%d: %q, want %q", c.n, got, c.en)
		}
		if got := russianNumber(c.n, nominative, masculine); got != c.ru {
			t.Errorf("%d: %q, want %q", c.n, got, c.ru)
		}
		if got := germanNumber(c.n); got != c.de {
			t.Errorf("%d: %q, want %q", c.n, got, c.de)
		}
	}
}

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		preposition string
		n, thing    int
		ru, de      string
	}{
		{"", 1, 2, "одна книга", "ein Buch"},
		{"", 2, 5, "два окна", "zwei Fenster"},
		{"", 22, 3, "двадцать две лампы", "zweiundzwanzig Lampen"},
		{"", 11, 0, "одиннадцать столов", "elf Tische"},
		{"without", 21, 2, "без двадцати одной книги", "ohne einundzwanzig Bücher"},
		{"without", 1, 0, "без одного стола", "ohne einen Tisch"},
		{"to", 104, 4, "ко ста четырём письмам", "zu einhundertvier Briefen"},
		{"to", 1, 3, "к одной лампе", "zu einer Lampe"},
		{"through", 1001, 2, "через одну тысячу одну книгу", "durch eintausendeins Bücher"},
		{"with", 582, 1, "с пятьюстами восемьюдесятью двумя домами", "mit fünfhundertzweiundachtzig Häusern"},
		{"with", 100, 5, "со ста окнами", "mit einhundert Fenstern"},
		{"with", 2000, 2, "с двумя тысячами книг", "mit zweitausend Büchern"},
		{"about", 1, 5, "об одном окне", "über ein Fenster"},
		{"about", 43, 4, "о сорока трёх письмах", "über dreiundvierzig Briefe"},
		{"about", 3_000_000, 0, "о трёх миллионах столов", "über drei Millionen Tische"},
	} {
		if got := russianCount(c.preposition, c.n, things[c.thing].russian); got != c.ru {
			t.Errorf("%s %d: %q, want %q", c.preposition, c.n, got, c.ru)
		}
		if got := germanCount(c.preposition, c.n, things[c.thing].german); got != c.de {
			t.Errorf("%s %d: %q, want %q", c.preposition, c.n, got, c.de)
		}
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		preposition      string
		day, month, year int
		en, ru, de       string
	}{
		{"on", 3, 5, 1987, "on the third of May nineteen eighty-seven", "третьего мая тысяча девятьсот восемьдесят седьмого года", "am dritten Mai neunzehnhundertsiebenundachtzig"},
		{"", 21, 1, 2000, "the twenty-first of January two thousand", "двадцать первое января двухтысячного года", "der einundzwanzigste Januar zweitausend"},
		{"by", 30, 9, 1905, "by the thirtieth of September nineteen oh five", "к тридцатому сентября тысяча девятьсот пятого года", "bis zum dreißigsten September neunzehnhundertfünf"},
		{"before", 7, 8, 1900, "before the seventh of August nineteen hundred", "до седьмого августа тысяча девятисотого года", "vor dem siebten August neunzehnhundert"},
		{"after", 23, 2, 2043, "after the twenty-third of February twenty forty-three", "после двадцать третьего февраля две тысячи сорок третьего года", "nach dem dreiundzwanzigsten Februar zweitausenddreiundvierzig"},
	} {
		for i, got := range []string{englishDate(c.preposition, c.day, c.month, c.year), russianDate(c.preposition, c.day, c.month, c.year), germanDate(c.preposition, c.day, c.month, c.year)} {
			if want := []string{c.en, c.ru, c.de}[i]; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		preposition  string
		hour, minute int
		en, ru, de   string
	}{
		{"", 1, 0, "one o'clock", "час", "ein Uhr"},
		{"by", 5, 0, "by five o'clock", "к пяти часам", "bis fünf Uhr"},
		{"after", 2, 0, "after two o'clock", "после двух часов", "nach zwei Uhr"},
		{"at", 12, 30, "at half past twelve", "в половине первого", "um halb eins"},
		{"at", 7, 15, "at a quarter past seven", "в четверть восьмого", "um Viertel nach sieben"},
		{"", 2, 15, "a quarter past two", "четверть третьего", "Viertel nach zwei"},
		{"", 8, 45, "a quarter to nine", "без четверти девять", "Viertel vor neun"},
		{"at", 4, 21, "at twenty-one minutes past four", "в двадцать одну минуту пятого", "um einundzwanzig Minuten nach vier"},
		{"at", 12, 38, "at twenty-two minutes to one", "без двадцати двух минут час", "um zweiundzwanzig Minuten vor eins"},
		{"", 3, 1, "one minute past three", "одна минута четвёртого", "eine Minute nach drei"},
	} {
		for i, got := range []string{englishTime(c.preposition, c.hour, c.minute), russianTime(c.preposition, c.hour, c.minute), germanTime(c.preposition, c.hour, c.minute)} {
			if want := []string{c.en, c.ru, c.de}[i]; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

func TestHeldOutIsNeverSeen(t *testing.T) {
	for _, language := range []Language{Russian, German} {
		p, err := NewPhrases(PhraseConfig{Target: language, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		test := map[string]bool{}
		for i := range 5000 {
			test[p.Test(i).Source] = true
		}
		for i := range 50_000 {
			if pair := p.Train(i); test[pair.Source] {
				t.Fatalf("%q is held out and trained on", pair.Source)
			}
		}
		if again, other := p.Train(17), p.Train(18); p.Train(17) != again || again == other {
			t.Error("a pair depends on its place alone")
		}
	}
}

func TestKinds(t *testing.T) {
	p, err := NewPhrases(PhraseConfig{Target: German, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	count := map[Kind]int{}
	for i := range 1000 {
		k, text := p.TestKind(i), p.Test(i).Source
		count[k]++
		if isDate := strings.Contains(text, " of "); isDate != (k == Dates) {
			t.Errorf("%q is of kind %s", text, k)
		}
	}
	for k, share := range map[Kind]int{Numbers: 400, Counts: 300, Dates: 200, Times: 100} {
		if count[k] < share-60 || count[k] > share+60 {
			t.Errorf("%s: %d of 1000, want about %d", k, count[k], share)
		}
	}
	for i := range 100 {
		if text := p.Long(i, 8).Source; !strings.Contains(text, "million") || strings.Contains(text, "hundred million") || len(strings.Fields(text)) < 2 {
			t.Errorf("%q hasn't 8 digits", text)
		}
	}
}
