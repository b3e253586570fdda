package command

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/command/commandtest"
)

func TestForecast(t *testing.T) {
	dir := t.TempDir()
	picture := filepath.Join(dir, "out.png")
	out, _, err := commandtest.Run(t.Context(), Model, "forecast", "airpassengers", "--order", "0,1,1", "--seasonal", "0,1,1,12", "--log", "--steps", "3", "--plot", picture)
	if err != nil {
		t.Fatal(err)
	}
	// statsmodels 0.14.6 expects 450.42 for January 1961.
	for _, want := range []string{"ARIMA(0,1,1)(0,1,1)12", "ma.S.L12", "Ljung-Box", "1961-01-01", "450.4", "picture: " + picture} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	if _, err := png.Decode(f); err != nil {
		t.Error(err)
	}

	out, _, err = commandtest.Run(t.Context(), Model, "forecast", "nile", "--order", "1,1,1", "--search", "--steps", "2")
	if err != nil || !strings.Contains(out, "best of 4") {
		t.Errorf("search: %v\n%s", err, out)
	}
}

func TestForecastErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	two := write("two.csv", "a,b\n1.5,2\n2.5,3\n")
	gap := write("gap.csv", "day,v\n2020-01-01,1\n2020-01-02,2\n2020-01-05,4\n")
	either := write("either.csv", "day,v\n01/02/2020,1\n01/03/2020,2\n01/04/2020,4\n")
	flat := write("flat.csv", "v\n"+strings.Repeat("2.5\n", 30))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"nowhere.csv"}, "nile, sunspots, airpassengers and co2"},
		{[]string{two}, "a, b: say which with --column"},
		{[]string{two, "--column", "c"}, `no column "c"`},
		{[]string{gap}, "observation 3 is of 2020-01-05"},
		{[]string{either}, "--date-format DD/MM/YYYY"},
		{[]string{either, "--date-format", "DD.MM.YYYY"}, "as a date written DD.MM.YYYY"},
		{[]string{flat}, "the series is constant"},
		{[]string{"nile", "--order", "1,1"}, "3 whole numbers"},
		{[]string{"nile", "--order", "1,x,1"}, `"x" is no whole number`},
		{[]string{"nile", "--seasonal", "1,1,1,1"}, "period of 2 or more"},
		{[]string{"nile", "--steps", "0"}, "--steps is 0"},
		{[]string{"nile", "--level", "95"}, "probability 95"},
		{[]string{"sunspots", "--log"}, "numbers above 0"},
	} {
		_, _, err := commandtest.Run(t.Context(), Model, append([]string{"forecast"}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %q", c.args, err, c.want)
		}
	}
}
