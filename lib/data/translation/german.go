package translation

import "strings"

var (
	germanSmall = strings.Fields("null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn " +
		"siebzehn achtzehn neunzehn")
	germanTens     = strings.Fields("- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
	germanOrdinals = strings.Fields("- erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte dreizehnte " +
		"vierzehnte fünfzehnte sechzehnte siebzehnte achtzehnte neunzehnte")
	germanMonths = strings.Fields("- Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
	// The article "ein" in accusative and dative, by gender.
	germanOne = map[int][3]string{
		nominative: {"ein", "eine", "ein"}, accusative: {"einen", "eine", "ein"}, dative: {"einem", "einer", "einem"},
	}
)

type germanNoun struct {
	gender                         int
	singular, plural, pluralDative string
}

// germanNumber writes 0 to 999 999 999 in words.
func germanNumber(n int) string {
	if n == 0 {
		return "null"
	}
	var words []string
	switch millions := n / 1_000_000; millions {
	case 0:
	case 1:
		words = append(words, "eine Million")
	default:
		words = append(words, germanBelowThousand(millions)+" Millionen")
	}
	rest := ""
	if thousands := n / 1000 % 1000; thousands > 0 {
		rest = germanBelowThousand(thousands) + "tausend"
	}
	if units := n % 1000; units > 0 {
		rest += germanBelowThousand(units)
		if units%100 == 1 {
			rest += "s" // "eins" at the end
		}
	}
	if rest != "" {
		words = append(words, rest)
	}
	return strings.Join(words, " ")
}

// germanBelowThousand ends in "ein" where the number does, as it does before another part.
func germanBelowThousand(n int) string {
	text := ""
	if n >= 100 {
		text = germanSmall[n/100] + "hundert"
		n %= 100
	}
	switch {
	case n == 0:
		return text
	case n < 20:
		return text + germanSmall[n]
	case n%10 == 0:
		return text + germanTens[n/10]
	default:
		return text + germanSmall[n%10] + "und" + germanTens[n/10]
	}
}

func germanYear(year int) string {
	if century := year / 100; century%10 != 0 && year < 2000 {
		text := germanSmall[century] + "hundert"
		if rest := year % 100; rest > 0 {
			text += germanNumber(rest)
		}
		return text
	}
	return germanNumber(year)
}

func germanDate(preposition string, day, month, year int) string {
	start := map[string]string{"": "der", "on": "am", "before": "vor dem", "after": "nach dem", "by": "bis zum"}[preposition]
	ordinal := ""
	switch {
	case day < 20:
		ordinal = germanOrdinals[day]
	default:
		ordinal = germanBelowThousand(day) + "ste"
	}
	if preposition != "" {
		ordinal += "n"
	}
	return join(start, ordinal, germanMonths[month], germanYear(year))
}

func germanTime(preposition string, hour, minute int) string {
	start := map[string]string{"": "", "at": "um", "by": "bis", "after": "nach"}[preposition]
	next := hour%12 + 1
	minutes := func(n int) string {
		if n == 1 {
			return "eine Minute"
		}
		return germanNumber(n) + " Minuten"
	}
	switch {
	case minute == 0:
		return join(start, germanSmall[hour], "Uhr")
	case minute == 15:
		return join(start, "Viertel nach", germanNumber(hour))
	case minute == 30:
		return join(start, "halb", germanNumber(next))
	case minute == 45:
		return join(start, "Viertel vor", germanNumber(next))
	case minute < 30:
		return join(start, minutes(minute), "nach", germanNumber(hour))
	default:
		return join(start, minutes(60-minute), "vor", germanNumber(next))
	}
}

// germanCount is a number of things after a preposition.
func germanCount(preposition string, n int, thing germanNoun) string {
	start := map[string]string{"": "", "without": "ohne", "to": "zu", "through": "durch", "with": "mit", "about": "über"}[preposition]
	grammatical := accusative
	switch preposition {
	case "":
		grammatical = nominative
	case "to", "with":
		grammatical = dative
	}
	if n == 1 {
		return join(start, germanOne[grammatical][thing.gender], thing.singular)
	}
	if grammatical == dative {
		return join(start, germanNumber(n), thing.pluralDative)
	}
	return join(start, germanNumber(n), thing.plural)
}
