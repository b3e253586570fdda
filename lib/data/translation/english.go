package translation

import (
	"fmt"
	"strings"
)

var (
	englishSmall = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " +
		"seventeen eighteen nineteen")
	englishTens     = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")
	englishOrdinals = strings.Fields("- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth " +
		"fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth")
	englishMonths = strings.Fields("- January February March April May June July August September October November December")
)

// englishNumber writes 0 to 999 999 999 in words.
func englishNumber(n int) string {
	if n == 0 {
		return "zero"
	}
	var words []string
	for _, part := range []struct {
		size int
		name string
	}{{1_000_000, "million"}, {1000, "thousand"}, {1, ""}} {
		group := n / part.size % 1000
		if group == 0 {
			continue
		}
		if group >= 100 {
			words = append(words, englishSmall[group/100], "hundred")
		}
		if rest := group % 100; rest > 0 {
			words = append(words, englishBelowHundred(rest))
		}
		if part.name != "" {
			words = append(words, part.name)
		}
	}
	return strings.Join(words, " ")
}

func englishBelowHundred(n int) string {
	switch {
	case n < 20:
		return englishSmall[n]
	case n%10 == 0:
		return englishTens[n/10]
	default:
		return englishTens[n/10] + "-" + englishSmall[n%10]
	}
}

// englishYear reads a year from 1000 to 2999.
func englishYear(year int) string {
	century, rest := year/100, year%100
	switch {
	case century%10 == 0 && rest < 10:
		return englishNumber(year)
	case rest == 0:
		return englishBelowHundred(century) + " hundred"
	case rest < 10:
		return englishBelowHundred(century) + " oh " + englishSmall[rest]
	default:
		return englishBelowHundred(century) + " " + englishBelowHundred(rest)
	}
}

// englishDay is the ordinal of a day of the month.
func englishDay(day int) string {
	switch {
	case day <= 20:
		return englishOrdinals[day]
	case day == 30:
		return "thirtieth"
	default:
		return englishTens[day/10] + "-" + englishOrdinals[day%10]
	}
}

func englishDate(preposition string, day, month, year int) string {
	return join(preposition, fmt.Sprintf("the %s of %s %s", englishDay(day), englishMonths[month], englishYear(year)))
}

// englishTime reads a time of a 12-hour clock.
func englishTime(preposition string, hour, minute int) string {
	next := englishSmall[hour%12+1]
	var text string
	switch {
	case minute == 0:
		text = englishSmall[hour] + " o'clock"
	case minute == 15:
		text = "a quarter past " + englishSmall[hour]
	case minute == 30:
		text = "half past " + englishSmall[hour]
	case minute == 45:
		text = "a quarter to " + next
	case minute < 30:
		text = englishMinutes(minute) + " past " + englishSmall[hour]
	default:
		text = englishMinutes(60-minute) + " to " + next
	}
	return join(preposition, text)
}

func englishMinutes(n int) string {
	if n == 1 {
		return "one minute"
	}
	return englishBelowHundred(n) + " minutes"
}

// join puts a preposition, if there is one, before a text.
func join(words ...string) string {
	return strings.TrimSpace(strings.Join(words, " "))
}
