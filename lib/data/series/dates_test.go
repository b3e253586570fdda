package series_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"genlab/lib/data/series"
)

// months makes n rows, a month apart from January 2018 on, in a layout of Go's.
func months(n int, layout string) []string {
	var out []string
	for i := range n {
		out = append(out, time.Date(2018, time.Month(i+1), 1, 0, 0, 0, 0, time.UTC).Format(layout))
	}
	return out
}

func days(n int, layout string) []string {
	var out []string
	for i := range n {
		out = append(out, time.Date(2018, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(layout))
	}
	return out
}

func quarters(n int, format string) []string {
	var out []string
	for i := range n {
		out = append(out, strings.NewReplacer("Y", fmt.Sprint(2018+i/4), "y", fmt.Sprint(18+i/4), "N", fmt.Sprint(1+i%4)).Replace(format))
	}
	return out
}

// What spreadsheets, pandas, statistics offices and logs write, from 1 January 2018 on.
func TestDates(t *testing.T) {
	type rows struct {
		name  string
		dates []string
		next  string
	}
	var cases []rows
	for _, layout := range []string{
		"2006-01-02", "2006/01/02", "2006/1/2", "2006.01.02", "01/02/2006", "1/2/2006", "02/01/2006", "2-1-2006", "02.01.2006", "2.1.06", "01/02/06",
		"2 January 2006", "02-Jan-2006", "02-Jan-06", "02Jan2006", "Jan 2, 2006", "January 2, 2006", "Monday, January 2, 2006", "Mon 2 Jan 2006", "2. Jan. 2006",
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05.000Z", "2006-01-02 15:04:05.000000",
		"2006-01-02T15:04:05-07:00", "2006-01-02 15:04:05-07", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700 MST", "2006-01-02T15:04:05Z[Etc/UTC]", "20060102T150405Z",
		"2006-01-02 15:04:05,000", "02/Jan/2006:15:04:05 -0700", "Mon, 02 Jan 2006 15:04:05 GMT", "Mon Jan  2 15:04:05 2006", "Mon Jan 02 2006 15:04:05 GMT-0700 (UTC)",
		"1/2/2006 3:04:05 PM", "1/2/2006, 3:04 PM", "02.01.2006 15:04", "2006-01-02Z", "2006-01-02 15:04:05 CET",
	} {
		cases = append(cases, rows{"when", days(40, layout), "2018-02-10"})
	}
	for _, layout := range []string{
		"2006-01", "2006/01", "01/2006", "1/2006", "Jan 2006", "January 2006", "Jan-2006", "Jan-06", "2006 Jan", "2006-Jan", "2006M01", "2006-M01", "2006M1",
	} {
		cases = append(cases, rows{"when", months(40, layout), "2021-05-01"})
	}
	for _, format := range []string{"Y-QN", "YQN", "Y QN", "Y-Q0N", "QN Y", "QN-Y", "QN/y", "NQY", "NQ y", "TN Y", "N. Quartal Y"} {
		cases = append(cases, rows{"when", quarters(30, format), "2025-07-01"})
	}
	for _, layout := range []string{"200601", "2006.01", "01.2006"} { // numbers, but for the name
		cases = append(cases, rows{"Month", months(40, layout), "2021-05-01"})
	}
	for _, layout := range []string{"20060102", "20060102150405", "200601021504"} {
		cases = append(cases, rows{"order_date", days(40, layout), "2018-02-10"})
	}
	var seconds, floats, millis, micros, nanos, years, half, weeks, fiscal, yearFloats []string
	for i := range 40 {
		s := 1514764800 + 86400*i
		seconds, floats, millis = append(seconds, fmt.Sprint(s)), append(floats, fmt.Sprintf("%d.0", s)), append(millis, fmt.Sprint(s*1000))
		micros, nanos = append(micros, fmt.Sprint(s*1e6)), append(nanos, fmt.Sprint(s*1e9))
		years, yearFloats = append(years, fmt.Sprint(1978+i)), append(yearFloats, fmt.Sprintf("%d.0", 1978+i))
		half = append(half, fmt.Sprintf("%d-H%d", 1998+i/2, 1+i%2))
		fiscal = append(fiscal, fmt.Sprintf("%d/%02d", 1978+i, (79+i)%100))
		y, w := time.Date(2018, 1, 1+7*i, 0, 0, 0, 0, time.UTC).ISOWeek()
		weeks = append(weeks, fmt.Sprintf("%d-W%02d", y, w))
	}
	cases = append(cases, rows{"timestamp", seconds, "2018-02-10"}, rows{"ts", floats, "2018-02-10"}, rows{"openTime", millis, "2018-02-10"}, rows{"time", micros, "2018-02-10"},
		rows{"unix_time", nanos, "2018-02-10"}, rows{"year", years, "2018-01-01"}, rows{"Year", yearFloats, "2018-01-01"}, rows{"period", half, "2018-01-01"}, rows{"x", weeks, "2018-10-08"}, rows{"x", fiscal, "2018-01-01"})
	upper := days(40, "02Jan2006")
	for i := range upper {
		upper[i] = strings.ToUpper(upper[i])
	}
	cases = append(cases, rows{"when", upper, "2018-02-10"})
	for language, names := range map[string]string{
		"German":  "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
		"French":  "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
		"Spanish": "ene feb mar abr may jun jul ago sept oct nov dic",
		"Russian": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
	} {
		var dates []string
		for i := range 40 {
			dates = append(dates, fmt.Sprintf("1 %s %d", strings.Fields(names)[i%12], 2018+i/12))
		}
		cases = append(cases, rows{language, dates, "2021-05-01"})
	}
	for _, c := range cases {
		s, err := read(t, c.name, c.dates)
		if err != nil {
			t.Errorf("%s: %v", c.dates[0], err)
			continue
		}
		next, err := s.Future(1)
		if err != nil {
			t.Errorf("%s: %v", c.dates[0], err)
		} else if got := next[0].Format(time.DateOnly); got != c.next {
			t.Errorf("%s … %s: %s follows, want %s", c.dates[0], c.dates[len(c.dates)-1], got, c.next)
		}
		// Newest first is the same, and said.
		slices.Reverse(c.dates)
		if turned, err := read(t, c.name, c.dates); err != nil || len(turned.Notes) != 1 || !strings.Contains(turned.Notes[0], "back in time") {
			t.Errorf("%s, newest first: notes %q, %v", c.dates[0], turned.Notes, err)
		} else if again, err := turned.Future(1); err != nil || again[0].Format(time.DateOnly) != c.next || turned.Values[0] != 39.5 && turned.Values[0] != 29.5 {
			t.Errorf("%s, newest first: %v follows, values %v, %v", c.dates[0], again, turned.Values, err)
		}
	}
}

// Of several columns that are called so, the one that holds dates counts.
func TestDateColumns(t *testing.T) {
	for _, header := range []string{"day,date,v", "time,when,v", "year,other,v", "lead time,x,v", "weekday,date,v"} {
		text := header + "\n"
		for i, d := range days(20, "2006-01-02") {
			first := fmt.Sprint(1 + i%7)
			if strings.HasPrefix(header, "weekday") {
				first = "Mon"
			}
			text += fmt.Sprintf("%s,%s,%d\n", first, d, i)
		}
		table, err := series.Read(strings.NewReader(text), "t.csv")
		if err != nil {
			t.Fatal(err)
		}
		s, err := table.Series("v")
		if err != nil || len(s.Times) != 20 || s.Times[19].Day() != 20 {
			t.Errorf("%s: times %v, %v", header, s.Times, err)
		}
	}
}

// Dates in several columns.
func TestParts(t *testing.T) {
	table := func(header string, row func(i int) string) string {
		text := header + "\n"
		for i := range 30 {
			text += row(i) + fmt.Sprintf(",%d.5\n", i)
		}
		return text
	}
	names := []string{"Jan", "February", "mar", "Apr", "May", "JUN", "July", "Aug", "Sept", "Oct", "Nov", "December"}
	day := func(i int) time.Time { return time.Date(2018, 1, 20+i, 0, 0, 0, 0, time.UTC) }
	for text, want := range map[string]string{
		table("year,month,v", func(i int) string { return fmt.Sprintf("%d,%d", 2018+i/12, 1+i%12) }):                                            "2020-07-01",
		table("Year,Month,v", func(i int) string { return fmt.Sprintf("%d,%s", 2018+i/12, names[i%12]) }):                                       "2020-07-01",
		table("YEAR,PERIOD,v", func(i int) string { return fmt.Sprintf("%d,M%02d", 2018+i/12, 1+i%12) }):                                        "2020-07-01",
		table("year,period,v", func(i int) string { return fmt.Sprintf("%d,Q%02d", 2018+i/4, 1+i%4) }):                                          "2025-07-01",
		table("quarter,year,v", func(i int) string { return fmt.Sprintf("Q%d,%d", 1+i%4, 2018+i/4) }):                                           "2025-07-01",
		table("year,qtr,v", func(i int) string { return fmt.Sprintf("%d,%d", 2018+i/4, 1+i%4) }):                                                "2025-07-01",
		table("year,month,day,v", func(i int) string { return day(i).Format("2006,1,2") }):                                                      "2018-02-19",
		table("date,time,v", func(i int) string { return day(0).Add(time.Duration(i) * time.Hour).Format("2006-01-02,15:04") }):                 "2018-01-21",
		table("Date,Hour,v", func(i int) string { return fmt.Sprintf("%s,%d", day(i/24).Format("1/2/2006"), i%24) }):                            "2018-01-21",
		table("year,month,decimal date,v", func(i int) string { return fmt.Sprintf("%d,%d,%.4f", 2018+i/12, 1+i%12, 2018+(float64(i)+.5)/12) }): "2020-07-01",
		table(",date,v", func(i int) string { return fmt.Sprintf("%d,%s", i, day(i).Format(time.DateOnly)) }):                                   "2018-02-19",
		table("date,updated_at,v", func(i int) string { return day(i).Format("2006-01-02,") + "yesterday" }):                                    "2018-02-19",
		table("label,when,v", func(i int) string { return "x," + day(i).Format("2 Jan 2006") }):                                                 "2018-02-19",
		table(",v", func(i int) string { return day(i).Format("2006-01-02 00:00:00") }):                                                         "2018-02-19",
		strings.ReplaceAll(table("year,week,v", func(i int) string { return fmt.Sprintf("2018,%d", 1+i) }), "x", ""):                            "2018-07-30",
	} {
		name := text[:strings.IndexByte(text, '\n')]
		table, err := series.Read(strings.NewReader(text), "t.csv")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s, err := table.Series("v")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		next, err := s.Future(1)
		if err != nil || next[0].Format(time.DateOnly) != want {
			t.Errorf("%s: %v follows, %v, want %s", name, next, err, want)
		}
		if got := table.Values(); !slices.Contains(got, "v") || slices.Contains(got, "year") || slices.Contains(got, "date") || slices.Contains(got, "") {
			t.Errorf("%s: columns of values %q", name, got)
		}
	}
}

func TestDateErrors(t *testing.T) {
	with := func(dates []string, at int, cell string) []string {
		out := slices.Clone(dates)
		out[at] = cell
		return out
	}
	good := months(30, "2006-01-02")
	for _, c := range []struct {
		what, name string
		dates      []string
		want       string
	}{
		{"one blank", "x", with(good, 11, ""), `line 13, column "x": an empty cell doesn't read as a date, as 29 of 30 rows do`},
		{"one other", "x", with(good, 11, "2018-13-01"), `line 13, column "x": "2018-13-01" doesn't read`},
		{"mixed formats", "x", with(good, 20, "1 Sept 2019"), `line 22, column "x": "1 Sept 2019"`},
		{"none reads", "date", []string{"soon", "later", "never"}, `line 2, column "date": "soon" doesn't read`},
		{"blank dates by name", "date", with(good, 0, "NA"), `line 2, column "date": "NA"`},
		{"a total", "date", with(good, 29, "Total"), "the last row looks like a total"},
		{"a blank total", "date", with(good, 29, ""), "the last row looks like a total"},
		{"a total of years", "year", append(years(20), "Sum"), "the last row looks like a total"},
		{"either order", "x", months(12, "02/01/2006"), "--date-format DD/MM/YYYY"},
		{"either order, two digits", "x", days(3, "02/01/06"), "may be"},
		{"twice", "x", with(good, 7, good[6]), "line 9: the date 2018-07-01 comes twice, in line 8 too"},
		{"two series", "x", append(slices.Clone(good), good...), "comes twice"},
		{"disorder", "x", with(good, 7, "2015-01-01"), "line 9: the date 2015-01-01 doesn't come after"},
		{"months without a year", "month", []string{"1", "2", "3", "4", "1", "2"}, "no even step after 4"},
		{"a spreadsheet's days", "date", []string{"43101", "43132", "43160", "43191"}, "a spreadsheet's number of days"},
		{"uneven numbers", "time", []string{"1", "2", "3", "5"}, `line 5, column "time"`},
		{"weekdays", "day", []string{"Monday", "Tuesday"}, `"Monday" doesn't read`},
		{"nonexistent day", "x", with(days(50, "02.01.2006"), 45, "30.02.2018"), `"30.02.2018" doesn't read`},
	} {
		if s, err := read(t, c.name, c.dates); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want %q", c.what, s.Times, err, c.want)
		}
	}
}

func years(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint(1990+i))
	}
	return out
}

// The column tells day/month from month/day where it can.
func TestDateOrder(t *testing.T) {
	for _, c := range []struct {
		what  string
		dates []string
		last  string
	}{
		{"a day beyond 12", days(13, "02/01/2006"), "2018-01-13"},
		{"months over years", months(30, "01/02/2006"), "2020-06-01"},
		{"the same by day first", months(30, "02/01/2006"), "2020-06-01"},
		{"sorted one way alone", slices.Concat(days(12, "02/01/2006"), []string{"01/02/2018", "02/02/2018"}), "2018-02-02"},
	} {
		s, err := read(t, "x", c.dates)
		if err != nil || s.Times[len(s.Times)-1].Format(time.DateOnly) != c.last {
			t.Errorf("%s: %v, %v, want the last %s", c.what, s.Times, err, c.last)
		}
	}
}

func TestDateFormat(t *testing.T) {
	text := "x,v\n01/02/2018,1\n01/03/2018,2\n01/04/2018,3\n"
	for format, want := range map[string]string{
		"DD/MM/YYYY": "2018-05-01", "%d/%m/%Y": "2018-05-01", "MM/DD/YYYY": "2018-01-05", "%m/%d/%Y": "2018-01-05", "none": "", "01/02/2006": "2018-01-05",
	} {
		table, err := series.Read(strings.NewReader(text), "t.csv")
		if err != nil {
			t.Fatal(err)
		}
		table.DateFormat = format
		s, err := table.Series("v")
		if err != nil || (want == "") != (s.Times == nil) {
			t.Errorf("%s: %v, %v", format, s.Times, err)
			continue
		}
		if want == "" {
			continue
		}
		if next, err := s.Future(1); err != nil || next[0].Format(time.DateOnly) != want {
			t.Errorf("%s: %v follows, %v, want %s", format, next, err, want)
		}
	}
	for format, want := range map[string]string{"DD/MM": "where the year is", "YYYY-MM-DD": `"01/02/2018" doesn't read as a date written YYYY-MM-DD`} {
		table, err := series.Read(strings.NewReader(strings.Replace(text, "x", "date", 1)), "t.csv")
		if err != nil {
			t.Fatal(err)
		}
		table.DateFormat = format
		if _, err := table.Series("v"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", format, err, want)
		}
	}
}

// Columns that number the rows hold no dates, and say so where they are called otherwise.
func TestNumberedRows(t *testing.T) {
	s, err := read(t, "time", []string{"0.5", "1", "1.5", "2"})
	if err != nil || s.Times != nil || len(s.Notes) != 1 {
		t.Errorf("times %v, notes %q, %v", s.Times, s.Notes, err)
	}
	// R's time() of a monthly series, to some decimals.
	for _, format := range []string{"%.2f", "%.6f"} {
		var dates []string
		for i := range 40 {
			dates = append(dates, fmt.Sprintf(format, 1949+float64(i)/12))
		}
		if s, err := read(t, "time", dates); err != nil || s.Times != nil || len(s.Notes) != 1 {
			t.Errorf("%s: times %v, notes %q, %v", dates[1], s.Times, s.Notes, err)
		}
		if _, err := read(t, "time", slices.Delete(dates, 20, 21)); err == nil || !strings.Contains(err.Error(), "line 22") {
			t.Errorf("%s with a gap: %v", dates[1], err)
		}
	}
	for _, name := range []string{"", "index", "#", "id"} {
		table, err := series.Read(strings.NewReader(name+",v\n1,5\n2,6\n3,5\n"), "t.csv")
		if err != nil {
			t.Errorf("%q: %v", name, err)
		} else if got := table.Values(); !slices.Equal(got, []string{"v"}) {
			t.Errorf("%q: columns of values %q", name, got)
		}
	}
}
