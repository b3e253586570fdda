package translation

import "strings"

// grammatical cases of Russian, in the order of the tables below.
const (
	nominative = iota
	genitive
	dative
	accusative
	instrumental
	prepositional
)

const (
	masculine = iota
	feminine
	neuter
)

// forms are a word's six cases.
type forms [6]string

func caseForms(text string) forms { return forms(strings.Fields(text)) }

var (
	russianZero = caseForms("ноль ноля нолю ноль нолём ноле")
	russianOne  = [3]forms{
		caseForms("один одного одному один одним одном"),
		caseForms("одна одной одной одну одной одной"),
		caseForms("одно одного одному одно одним одном"),
	}
	russianTwo = [3]forms{
		caseForms("два двух двум два двумя двух"),
		caseForms("две двух двум две двумя двух"),
		caseForms("два двух двум два двумя двух"),
	}
	russianSmall = [21]forms{
		3:  caseForms("три трёх трём три тремя трёх"),
		4:  caseForms("четыре четырёх четырём четыре четырьмя четырёх"),
		8:  caseForms("восемь восьми восьми восемь восемью восьми"),
		5:  soft("пят"),
		6:  soft("шест"),
		7:  soft("сем"),
		9:  soft("девят"),
		10: soft("десят"),
		11: soft("одиннадцат"),
		12: soft("двенадцат"),
		13: soft("тринадцат"),
		14: soft("четырнадцат"),
		15: soft("пятнадцат"),
		16: soft("шестнадцат"),
		17: soft("семнадцат"),
		18: soft("восемнадцат"),
		19: soft("девятнадцат"),
	}
	russianTens = [10]forms{
		2: soft("двадцат"),
		3: soft("тридцат"),
		4: caseForms("сорок сорока сорока сорок сорока сорока"),
		5: caseForms("пятьдесят пятидесяти пятидесяти пятьдесят пятьюдесятью пятидесяти"),
		6: caseForms("шестьдесят шестидесяти шестидесяти шестьдесят шестьюдесятью шестидесяти"),
		7: caseForms("семьдесят семидесяти семидесяти семьдесят семьюдесятью семидесяти"),
		8: caseForms("восемьдесят восьмидесяти восьмидесяти восемьдесят восемьюдесятью восьмидесяти"),
		9: caseForms("девяносто девяноста девяноста девяносто девяноста девяноста"),
	}
	russianHundreds = [10]forms{
		1: caseForms("сто ста ста сто ста ста"),
		2: caseForms("двести двухсот двумстам двести двумястами двухстах"),
		3: caseForms("триста трёхсот трёмстам триста тремястами трёхстах"),
		4: caseForms("четыреста четырёхсот четырёмстам четыреста четырьмястами четырёхстах"),
		5: caseForms("пятьсот пятисот пятистам пятьсот пятьюстами пятистах"),
		6: caseForms("шестьсот шестисот шестистам шестьсот шестьюстами шестистах"),
		7: caseForms("семьсот семисот семистам семьсот семьюстами семистах"),
		8: caseForms("восемьсот восьмисот восьмистам восемьсот восемьюстами восьмистах"),
		9: caseForms("девятьсот девятисот девятистам девятьсот девятьюстами девятистах"),
	}
	russianThousand = russianNoun{feminine, caseForms("тысяча тысячи тысяче тысячу тысячей тысяче"), caseForms("тысячи тысяч тысячам тысячи тысячами тысячах")}
	russianMillion  = russianNoun{masculine, caseForms("миллион миллиона миллиону миллион миллионом миллионе"), caseForms("миллионы миллионов миллионам миллионы миллионами миллионах")}
	russianMinute   = russianNoun{feminine, caseForms("минута минуты минуте минуту минутой минуте"), caseForms("минуты минут минутам минуты минутами минутах")}
	russianHour     = russianNoun{masculine, caseForms("час часа часу час часом часе"), caseForms("часы часов часам часы часами часах")}

	// Ordinals without their ending; that of three is another.
	russianOrdinals = strings.Fields("- перв втор треть четвёрт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат " +
		"пятнадцат шестнадцат семнадцат восемнадцат девятнадцат")
	russianOrdinalTens     = strings.Fields("- - двадцат тридцат сороков пятидесят шестидесят семидесят восьмидесят девяност")
	russianOrdinalHundreds = strings.Fields("- сот двухсот трёхсот четырёхсот пятисот шестисот семисот восьмисот девятисот")
	russianMonths          = strings.Fields("- января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
)

// soft is a numeral that ends in a soft sign.
func soft(stem string) forms {
	return forms{stem + "ь", stem + "и", stem + "и", stem + "ь", stem + "ью", stem + "и"}
}

type russianNoun struct {
	gender           int
	singular, plural forms
}

// russianNumber writes 0 to 999 999 999 in words, in a case, as it stands before a noun of that gender.
func russianNumber(n, grammatical, gender int) string {
	if n == 0 {
		return russianZero[grammatical]
	}
	var words []string
	for _, part := range []struct {
		size int
		noun *russianNoun
	}{{1_000_000, &russianMillion}, {1000, &russianThousand}, {1, nil}} {
		group := n / part.size % 1000
		if group == 0 {
			continue
		}
		if part.noun == nil {
			words = append(words, russianBelowThousand(group, grammatical, gender)...)
			continue
		}
		words = append(words, russianBelowThousand(group, grammatical, part.noun.gender)...)
		words = append(words, part.noun.after(group, grammatical))
	}
	return strings.Join(words, " ")
}

func russianBelowThousand(n, grammatical, gender int) []string {
	var words []string
	if n >= 100 {
		words = append(words, russianHundreds[n/100][grammatical])
	}
	n %= 100
	if n >= 20 {
		words = append(words, russianTens[n/10][grammatical])
		n %= 10
	}
	switch n {
	case 0:
	case 1:
		words = append(words, russianOne[gender][grammatical])
	case 2:
		words = append(words, russianTwo[gender][grammatical])
	default:
		words = append(words, russianSmall[n][grammatical])
	}
	return words
}

// after is the noun's form after a number in the given case: two of it is genitive singular in the nominative, five of it genitive
// plural; in the other cases the noun stands in that case, but after a round thousand it stays genitive plural.
func (r *russianNoun) after(n, grammatical int) string {
	last, teen := n%10, n%100 >= 11 && n%100 <= 14
	direct := grammatical == nominative || grammatical == accusative
	switch {
	case n%1000 == 0:
		return r.plural[genitive]
	case last == 1 && !teen:
		return r.singular[grammatical]
	case !direct:
		return r.plural[grammatical]
	case last >= 2 && last <= 4 && !teen:
		return r.singular[genitive]
	default:
		return r.plural[genitive]
	}
}

// russianOrdinal is an ordinal below 100 with an ending: "ого", "ому" or "ое".
func russianOrdinal(n int, ending string) string {
	if n >= 20 && n%10 != 0 {
		return russianTens[n/10][nominative] + " " + russianOrdinal(n%10, ending)
	}
	if n >= 20 {
		return russianOrdinalTens[n/10] + ending
	}
	if n == 3 {
		return "треть" + map[string]string{"ого": "его", "ому": "ему", "ое": "е"}[ending]
	}
	return russianOrdinals[n] + ending
}

// russianYear is "of the year …", for 1000 to 2999: all but its last part are cardinal.
func russianYear(year int) string {
	thousands, rest := year/1000, year%1000
	if rest == 0 {
		return []string{"", "", "двух"}[thousands] + "тысячного года"
	}
	words := []string{"тысяча"}
	if thousands == 2 {
		words = []string{"две тысячи"}
	}
	switch hundred := rest / 100; {
	case rest%100 == 0:
		words = append(words, russianOrdinalHundreds[hundred]+"ого")
	default:
		if hundred > 0 {
			words = append(words, russianHundreds[hundred][nominative])
		}
		words = append(words, russianOrdinal(rest%100, "ого"))
	}
	return strings.Join(append(words, "года"), " ")
}

func russianDate(preposition string, day, month, year int) string {
	start := map[string]string{"": "", "on": "", "before": "до", "after": "после", "by": "к"}[preposition]
	ending := map[string]string{"": "ое", "on": "ого", "before": "ого", "after": "ого", "by": "ому"}[preposition]
	return join(start, russianOrdinal(day, ending), russianMonths[month], russianYear(year))
}

func russianTime(preposition string, hour, minute int) string {
	start := map[string]string{"": "", "at": "в", "by": "к", "after": "после"}[preposition]
	grammatical := map[string]int{"": nominative, "at": accusative, "by": dative, "after": genitive}[preposition]
	next := hour%12 + 1
	of := russianOrdinal(next, "ого")
	name := func(h, grammatical int) string { // one o'clock is "hour"
		if h == 1 {
			return russianHour.singular[grammatical]
		}
		return russianNumber(h, grammatical, masculine) + " " + russianHour.after(h, grammatical)
	}
	switch {
	case minute == 0:
		return join(start, name(hour, grammatical))
	case minute == 30:
		half := forms{"половина", "половины", "половине", "половине"}[grammatical] // "в" takes the prepositional here
		return join(start, half, of)
	case minute == 15:
		quarter := forms{"четверть", "четверти", "четверти", "четверть"}[grammatical]
		return join(start, quarter, of)
	case minute < 30:
		return join(start, russianNumber(minute, grammatical, feminine), russianMinute.after(minute, grammatical), of)
	}
	to := "час"
	if next > 1 {
		to = russianNumber(next, nominative, masculine)
	}
	if minute == 45 {
		return join("без четверти", to)
	}
	return join("без", russianNumber(60-minute, genitive, feminine), russianMinute.after(60-minute, genitive), to)
}

// russianCount is a number of things after a preposition.
func russianCount(preposition string, n int, thing russianNoun) string {
	grammatical := map[string]int{"": nominative, "without": genitive, "to": dative, "through": accusative, "with": instrumental, "about": prepositional}[preposition]
	number := russianNumber(n, grammatical, thing.gender)
	start := map[string]string{"": "", "without": "без", "to": "к", "through": "через", "with": "с", "about": "о"}[preposition]
	switch {
	case start == "с" && strings.HasPrefix(number, "ста"):
		start = "со"
	case start == "к" && strings.HasPrefix(number, "ста"):
		start = "ко"
	case start == "о" && strings.HasPrefix(number, "од"):
		start = "об"
	}
	return join(start, number, thing.after(n, grammatical))
}
