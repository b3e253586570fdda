package series

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// reading is a way to write dates. A column has one.
type reading struct {
	name  string
	date  func(text string) (time.Time, bool) // the day, without its clock
	plain bool                                // also a number: a date only where the column is called so
	order bool                                // one of the orders of day, month and year that others may read otherwise
}

// stamp is a cell taken apart.
type stamp struct {
	day   string
	clock time.Duration  // since midnight
	zone  *time.Location // UTC where there is none
	bad   bool           // no date
}

// time reads a cell: a day, and the time of the day if there is one.
func (r reading) time(s stamp) (time.Time, bool) {
	if s.bad {
		return time.Time{}, false
	}
	d, ok := r.date(s.day)
	if !ok {
		return time.Time{}, false
	}
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, s.zone).Add(s.clock), true
}

// readings are tried in this order. Layouts are Go's for days; "1", "2" and "Jan" take one digit or two, and names in any case.
var readings = slices.Concat(
	written(reading{name: "YYYY-MM-DD"}, "2006-1-2", "2006/1/2", "2006 1 2"),
	written(reading{name: "YYYY.MM.DD"}, "2006.1.2"),
	written(reading{name: "DD.MM.YYYY"}, "2.1.2006", "2.1.06"),
	written(reading{name: "DD/MM/YYYY", order: true}, "2/1/2006", "2-1-2006", "2/1/06", "2-1-06"),
	written(reading{name: "MM/DD/YYYY", order: true}, "1/2/2006", "1-2-2006", "1/2/06", "1-2-06"),
	written(reading{name: "YY/MM/DD", order: true}, "06/1/2", "06-1-2"),
	written(reading{name: "a month's name with day and year"}, "2 Jan 2006", "2-Jan-2006", "2/Jan/2006", "2. Jan 2006", "2Jan2006", "2 Jan, 2006",
		"2 Jan 06", "2-Jan-06", "2Jan06", "2/Jan/06", "Jan 2, 2006", "Jan 2 2006", "Jan-2-2006", "Jan 2, 06", "2006-Jan-2", "2006 Jan 2", "2006/Jan/2"),
	[]reading{{name: "the year's quarter", date: quarter}, {name: "the year's half", date: half}, {name: "the year's week", date: week}, {name: "years as 2018/19", date: twoYears}},
	written(reading{name: "YYYY-MM"}, "2006-1", "2006/1", "2006M1", "2006-M1", "2006m1", "2006:1"),
	written(reading{name: "MM/YYYY"}, "1/2006", "1-2006"),
	written(reading{name: "a month's name with the year"}, "Jan 2006", "Jan-2006", "Jan/2006", "Jan, 2006", "Jan2006", "2006 Jan", "2006-Jan", "2006/Jan", "2006Jan",
		"Jan-06", "Jan 06", "Jan/06"),
	written(reading{name: "the year", plain: true}, "2006"),
	written(reading{name: "YYYYMM", plain: true}, "200601"),
	written(reading{name: "YYYYMMDD", plain: true}, "20060102"),
	written(reading{name: "YYYY.MM", plain: true}, "2006.01"),
	written(reading{name: "MM.YYYY", plain: true}, "01.2006"),
)

func written(r reading, layouts ...string) []reading {
	var out []reading
	for _, layout := range layouts {
		r := r
		r.date = func(text string) (time.Time, bool) {
			v, err := time.Parse(layout, text)
			return v, err == nil
		}
		out = append(out, r)
	}
	return out
}

var (
	quarters = []*regexp.Regexp{
		regexp.MustCompile(`(?i)^(?P<y>\d{4})[-/ :.]?\s*[qt]0?(?P<n>[1-4])$`), regexp.MustCompile(`(?i)^[qt](?P<n>[1-4])[-/ :,.']*(?P<y>\d{4}|\d\d)$`),
		regexp.MustCompile(`(?i)^(?P<n>[1-4])[-. ]?[qt][-/ .']*(?P<y>\d{4}|\d\d)$`), regexp.MustCompile(`(?i)^(?P<n>[1-4])\. ?quartal (?P<y>\d{4})$`),
	}
	halves = []*regexp.Regexp{
		regexp.MustCompile(`(?i)^(?P<y>\d{4})[-/ :.]?\s*[hs]0?(?P<n>[12])$`), regexp.MustCompile(`(?i)^[hs](?P<n>[12])[-/ :,.]*(?P<y>\d{4})$`),
	}
	weeks = []*regexp.Regexp{regexp.MustCompile(`(?i)^(?P<y>\d{4})[-/ ]?w(?P<n>\d{1,2})$`), regexp.MustCompile(`(?i)^w(?P<n>\d{1,2})[-/ ]?(?P<y>\d{4})$`)}
	years = []*regexp.Regexp{regexp.MustCompile(`^(?P<y>\d{4})[-/](?P<n>\d\d)$`)}
)

// part is the year and the number that one of the patterns finds.
func part(patterns []*regexp.Regexp, text string) (year, n int, ok bool) {
	for _, p := range patterns {
		if m := p.FindStringSubmatch(text); m != nil {
			y, _ := strconv.Atoi(m[p.SubexpIndex("y")]) // digits, says the pattern
			n, _ := strconv.Atoi(m[p.SubexpIndex("n")])
			if y < 69 {
				y += 2000
			} else if y < 100 {
				y += 1900
			}
			return y, n, true
		}
	}
	return 0, 0, false
}

func quarter(text string) (time.Time, bool) {
	y, n, ok := part(quarters, text)
	return date(y, time.Month(3*n-2), 1), ok
}

func half(text string) (time.Time, bool) {
	y, n, ok := part(halves, text)
	return date(y, time.Month(6*n-5), 1), ok
}

// week is the Monday of an ISO week, of which a year's first has its 4th of January.
func week(text string) (time.Time, bool) {
	y, n, ok := part(weeks, text)
	monday := date(y, 1, 4+7*(n-1))
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	if year, got := monday.ISOWeek(); !ok || year != y || got != n {
		return time.Time{}, false
	}
	return monday, true
}

func twoYears(text string) (time.Time, bool) {
	y, n, ok := part(years, text)
	return date(y, 1, 1), ok && n == (y+1)%100
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

var (
	clockPattern = regexp.MustCompile(`(?i)^(.*?)(?:[tT ,:_-]+|^)(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(?:([ap])\.?m\.?)?\s*` +
		`(?:gmt|utc)?(z|[+-]\d{2}:?\d{2}|[+-]\d{2})?\s*(?:[a-z]{3,4})?\s*(?:\[.*\]|\(.*\))?$`)
	yearBehind  = regexp.MustCompile(`^(\D+ \d{1,2}) (\d{1,2}:.*) (\d{4})$`) // Mon Jan 2 15:04:05 2006
	basicClock  = regexp.MustCompile(`^(\d{8})T?(\d{2})(\d{2})(\d{2})?(Z?)$`)
	zonedDay    = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})$`)
	weekdayName = regexp.MustCompile(`(?i)^(?:mon|tues?|wed|wednes|thu|thurs?|fri|sat|satur|sun)(?:day)?\.?,?\s+`)
	ordinal     = regexp.MustCompile(`(?i)(\d)(?:st|nd|rd|th)\b`)
)

// cut takes a cell apart.
func cut(cell string) stamp {
	if !strings.ContainsAny(cell, "0123456789") {
		return stamp{bad: true}
	}
	since, zone := time.Duration(0), time.UTC
	switch { // what is rare is looked for where it may be
	case strings.Count(cell, "-") == 2 && len(cell) > len(time.DateOnly):
		if m := zonedDay.FindStringSubmatch(cell); m != nil {
			cell = m[1] + " 00:00" + m[2]
		}
	case strings.Contains(cell, ":"):
		if m := yearBehind.FindStringSubmatch(cell); m != nil {
			cell = m[1] + " " + m[3] + " " + m[2]
		}
	case len(cell) >= len("200601021504"):
		if m := basicClock.FindStringSubmatch(cell); m != nil {
			cell = m[1] + " " + m[2] + ":" + m[3] + ":" + (m[4] + "00")[:2] + m[5]
		}
	}
	day := cell
	if m := clock(cell); m != nil {
		day = m[1]
		hour, _ := strconv.Atoi(m[2])
		minute, _ := strconv.Atoi(m[3])
		second, _ := strconv.Atoi(m[4])
		nano, _ := strconv.Atoi((m[5] + "000000000")[:9])
		if m[6] != "" {
			if hour < 1 || hour > 12 {
				return stamp{bad: true}
			}
			hour %= 12
			if strings.EqualFold(m[6], "p") {
				hour += 12
			}
		}
		if hour > 24 || minute > 59 || second > 59 || hour == 24 && minute+second+nano > 0 {
			return stamp{bad: true}
		}
		since = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + time.Duration(nano)
		if offset := strings.ReplaceAll(m[7], ":", ""); len(offset) >= 3 {
			h, _ := strconv.Atoi(offset[1:3])
			mm, _ := strconv.Atoi((offset[3:] + "00")[:2])
			seconds := 3600*h + 60*mm
			if offset[0] == '-' {
				seconds = -seconds
			}
			zone = time.FixedZone("", seconds)
		}
	}
	if day = strings.TrimSpace(day); strings.ContainsFunc(day, unicode.IsLetter) {
		day = weekdayName.ReplaceAllString(day, "")
		day = ordinal.ReplaceAllString(day, "$1")
		day = inEnglish(day)
	}
	return stamp{day, since, zone, false}
}

// clock finds the time of the day in a cell: nil where there is none.
func clock(cell string) []string {
	if !strings.ContainsAny(cell, ":hH") {
		return nil
	}
	return clockPattern.FindStringSubmatch(cell)
}

// letters turns a date format in letters or percent signs into Go's layout.
var letters = strings.NewReplacer(
	"%Y", "2006", "%y", "06", "%m", "01", "%d", "02", "%b", "Jan", "%B", "January", "%H", "15", "%I", "03", "%M", "04", "%S", "05", "%p", "PM",
	"%z", "-0700", "%Z", "MST", "%f", "000000", "%j", "002", "%e", "_2", "%a", "Mon", "%A", "Monday", "%T", "15:04:05", "%F", "2006-01-02",
	"YYYY", "2006", "yyyy", "2006", "YY", "06", "yy", "06", "MMMM", "January", "MMM", "Jan", "MM", "01", "DD", "02", "dd", "02",
	"HH", "15", "hh", "15", "mm", "04", "ss", "05", "SS", "05",
)

// given is the reading that DateFormat asks for.
func (t *Table) given() (func(cell string) (time.Time, bool), error) {
	layout := letters.Replace(t.DateFormat)
	if !strings.Contains(layout, "06") {
		return nil, fmt.Errorf("the date format is %q: it must say where the year is, such as DD/MM/YYYY or %%d/%%m/%%Y, or be none", t.DateFormat)
	}
	loose := strings.NewReplacer("2006", "2006", "01", "1", "02", "2").Replace(layout) // 1/2/2018 too
	return func(cell string) (time.Time, bool) {
		for _, l := range []string{layout, loose} {
			if v, err := time.Parse(l, cell); err == nil {
				return v, true
			}
		}
		// A format of days alone takes times after them.
		r := written(reading{}, loose)[0]
		return r.time(cut(cell))
	}, nil
}
