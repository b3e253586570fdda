package series_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"genlab/lib/data/series"
)

const dated = "date,v\n2018-01-01,98.96\n2018-02-01,100.33\n2018-03-01,1002.62\n2018-04-01,\n2018-05-01,-101.46\n"

// One file as many programs write it.
func TestFiles(t *testing.T) {
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(dated) }
	wide := func(text string) string { // UTF-16, little, as spreadsheets save "Unicode text"
		out := "\xff\xfe"
		for _, r := range text {
			out += string([]byte{byte(r), byte(r >> 8)})
		}
		return out
	}
	for name, text := range map[string]string{
		"plain":                         dated,
		"carriage returns alone":        change("\n", "\r"),
		"both":                          change("\n", "\r\n"),
		"a mark":                        "\ufeff" + dated,
		"UTF-16":                        wide(dated),
		"UTF-16 with tabs":              wide(change(",", "\t")),
		"semicolons":                    change(",", ";"),
		"semicolons, decimal commas":    change(",", ";", ".", ","),
		"and thousands":                 change(",", ";", ".", ",", "1002", "1.002"),
		"spaces between thousands":      change(",", ";", ".", ",", "1002", "1\u202f002"),
		"commas between thousands":      change("1002.62", `"1,002.62"`),
		"apostrophes between thousands": change("1002", "1'002"),
		"decimal commas in quotes":      change("98.96", `"98,96"`, "100.33", `"100,33"`, "1002.62", `"1002,62"`, "-101.46", `"-101,46"`),
		"tabs":                          change(",", "\t"),
		"spaces":                        change(",\n", "   NA\n", ",", "   "),
		"bars":                          change(",", "|"),
		"spaces around":                 change(",", " , "),
		"quotes":                        change("date,v", `"date","v"`, "2018-01-01,98.96", `"2018-01-01","98.96"`),
		"a minus sign":                  change(",-1", ",\u22121"),
		"a word for missing":            change("01,\n", "01,#N/A\n"),
		"a dash for missing":            change("01,\n", "01,-\n"),
		"sep":                           "sep=;\n" + change(",", ";"),
		"comments":                      "# source: a table\n#\n" + dated + "# end\n",
		"a header behind a comment":     "# numbers, of a program\n# " + dated,
		"empty lines":                   "\n\n" + change("\n", "\n\n"),
		"empty rows":                    dated + ",\n,\n",
		"a comma at the end of rows":    change("\n", ",\n"),
		"of rows alone":                 change(".96\n", ".96,\n", ".33\n", ".33,\n"),
		"an index":                      change("date,", ",date,", "2018-01", "0,2018-01", "2018-02", "1,2018-02", "2018-03", "2,2018-03", "2018-04", "3,2018-04", "2018-05", "4,2018-05"),
	} {
		table, err := series.Read(strings.NewReader(text), "t.csv")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := table.Values(); !slices.Equal(got, []string{"v"}) {
			t.Errorf("%s: columns of values %q", name, got)
			continue
		}
		s, err := table.Series("v")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := []float64{98.96, 100.33, 1002.62, math.NaN(), -101.46}
		if len(s.Values) != len(want) || s.Missing() != 1 || s.Values[0] != want[0] || s.Values[2] != want[2] || s.Values[4] != want[4] {
			t.Errorf("%s: values %v, want %v", name, s.Values, want)
		}
		if next, err := s.Future(1); err != nil || next[0].Format(time.DateOnly) != "2018-06-01" {
			t.Errorf("%s: %v follows, %v", name, next, err)
		}
	}
}

func TestFileErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no header", "2018-01-01,98.96\n2018-02-01,100.33\n", "holds numbers or dates where the columns' names should be"},
		{"no header, semicolons", "2018-01-01;98,96\n2018-02-01;100,33\n", "holds numbers or dates"},
		{"no header, labels", "a,2018-01-01,98.96\na,2018-02-01,100.33\n", "holds numbers or dates"},
		{"no header, one column", "98.96\n100.33\n", "holds numbers or dates"},
		{"no header, a hole", "2018-01-01,NA\n2018-02-01,100.33\n", "holds numbers or dates"},
		{"decimal commas between commas", "date,v\n2018-01-01,98,96\n2018-02-01,100,33\n", "semicolons between the columns"},
		{"thousands between commas", "date,v\n2018-01-01,98\n2018-02-01,1,033\n", "line 3: 3 cells, where the header in line 1 has 2: numbers with commas in them need quotes"},
		{"a title", "Sales of the year\ndate,v\n2018-01-01,98.96\n", "a text above the header"},
		{"a footnote", "date,v\n2018-01-01,98.96\n2018-02-01,98.96\nSource: a bank\n", "a footnote"},
		{"a total", "date,v\n2018-01-01,98.96\n2018-02-01,1\nTotal,99.96\n", "the last row looks like a total"},
		{"thousands or decimals", "date;v\n2018-01-01;1,234\n2018-02-01;999\n2018-03-01;2,345\n", `"1,234" may be a thousand and more`},
		{"points of thousands", "date;v\n2018-01-01;1.234\n2018-02-01;999\n2018-03-01;2.345\n", `"1.234" may be a thousand and more`},
		{"a sheet", "PK\x03\x04 and so on", "ZIP archive"},
		{"Latin 1", "date,Gr\xf6\xdfe\n2018-01-01,1\n", "line 1, character 8 is 0xf6, which is no UTF-8"},
		{"a quote", "date,v\n2018-01-01,\"98.96\n2018-02-01,3\n", "reading t.csv: record on line 2"},
		{"percents", "date,v\n2018-01-01,5%\n2018-02-01,6%\n", `line 2, column "v": "5%" is not a finite number`},
		{"money", "date,v\n2018-01-01,$5\n2018-02-01,6\n", `line 2, column "v": "$5" is not a finite number`},
		{"a flag", "date,v\n2018-01-01,5\n2018-02-01,6 p\n2018-03-01,6\n", `line 3, column "v": "6 p" is not`},
		{"two styles", "date;v\n2018-01-01;5,5\n2018-02-01;6.5.1\n2018-03-01;7,5\n", `"6.5.1" is not`},
		{"a total of values alone", "v\n1\n3\n2\n2\n5\n7\n20\n", "is the sum of all above it"},
		{"nothing but comments", "# a\n# b\n", "is empty"},
	} {
		table, err := series.Read(strings.NewReader(c.text), "t.csv")
		if err == nil {
			_, err = table.Series("v")
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q in it", c.name, err, c.want)
		}
	}
}

// A tab is no space to be trimmed: an empty cell stands between two.
func TestEmptyCellsBetweenTabs(t *testing.T) {
	table, err := series.Read(strings.NewReader("date\tv\tw\n2018-01-01\t\t3\n2018-01-02\t5\t4\n"), "t.csv")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := table.Series("v"); err != nil || !math.IsNaN(s.Values[0]) || s.Values[1] != 5 {
		t.Errorf("%v, %v", s.Values, err)
	}
}

// A column that holds no number as it stands is still the one to read, and to say what is wrong with.
func TestUnreadableValues(t *testing.T) {
	table, err := series.Read(strings.NewReader("date,v\n2018-01-01,5%\n2018-02-01,6%\n"), "t.csv")
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Values(); !slices.Equal(got, []string{"v"}) {
		t.Errorf("columns of values %q", got)
	}
}

// FuzzCSV reads anything: no panic, and what is read keeps its promises.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		dated, "a;b\n1,5;2\n", "v\n1\n", "# x\n# a b\n1 2\n", "year,month,v\n2018,1,2\n2018,2,3\n", "ts,v\n1514764800000,1\n1514851200000,2\n", "x,v\n01/02/2018,1\n02/02/2018,2\n",
		"date,time,v\n2018-01-01,10:00,1\n", "\xff\xfea\x00\n\x001\x00", ",v\n2018-Q1,1\n", "date,v\n2018-W01,1\n2018-W02,1\n2018-W05,2\n", "date\tv\r2018\t1\r2017\t2", "month,v\nJan,1\n",
	} {
		f.Add([]byte(seed), "")
	}
	f.Add([]byte("x,v\n1/2/2018,1\n"), "DD/MM/YYYY")
	f.Fuzz(func(t *testing.T, raw []byte, format string) {
		table, err := series.Read(strings.NewReader(string(raw)), "t.csv")
		if err != nil {
			return
		}
		table.DateFormat = format
		_ = table.Values()
		for _, c := range table.Columns {
			s, err := table.Series(c)
			if err != nil {
				continue
			}
			if s.Times != nil && len(s.Times) != len(s.Values) {
				t.Fatalf("%d times of %d values", len(s.Times), len(s.Values))
			}
			for i := 1; i < len(s.Times); i++ {
				if !s.Times[i].After(s.Times[i-1]) {
					t.Fatalf("%v after %v", s.Times[i], s.Times[i-1])
				}
			}
			next, err := s.Future(3)
			if err != nil {
				continue
			}
			if before := s.Times[len(s.Times)-1]; !next[0].After(before) || !next[2].After(next[1]) {
				t.Fatalf("%v after %v", next, before)
			}
			_ = s.Labels(next)
		}
	})
}
