package goexec

import (
	"slices"
	"strings"
	"testing"
)

// Each line that is to be special bears the mark ← at its end.
func TestSpecialLines(t *testing.T) {
	for name, cell := range map[string]string{
		"commands and Go":          "!ls -l←\n%env A=1←\nimport \"fmt\"\n%%←\nfmt.Println(1)\n!echo between←\nfmt.Println(2) // and\n!echo last←",
		"with GoNB's prefix":       "//gonb:%%←\nx := 1\n//gonb:!ls←\n// gonb:!ls",
		"a command that goes on":   "!echo one \\←\n!two \\←\nthree←\nx := 1\n!echo`←\n!ls←",
		"nothing to do":            "!\n% \nx := 1",
		"a raw string":             "%%←\ns := `first\n!echo ran\n%%\n%main\nlast`\n!ls←",
		"a raw string's beginning": "s := `\n!echo ran`\n!ls←",
		"a comment":                "/*\n!echo in a comment\n%% */\nx := 1 /* a ` */\n!ls←\n// one ` two\n!ls←",
		"quotes":                   "s := \"a ` b\" + `c \" d`\nr := '`'\n!ls←",
		"quotes that don't close":  "s := \"a ` b\n!ls←",
		"an expression goes on":    "bad := false ||\n!ok\nbad = bad && // and\n\n!ok\n!ls←",
		"arguments":                "f(\n!a,\n!b,\n)\n!ls←\ng(a,\n!b)",
		"elements":                 "s := []bool{\n!a,\n!b,\n}\nm := map[string]bool{\"a\":\n!a}",
		"in a function's body":     "func f() {\n\tg()\n!ls←\n}",
	} {
		var want []int
		lines := strings.Split(cell, "\n")
		for i, line := range lines {
			if marked, ok := strings.CutSuffix(line, "←"); ok {
				lines[i], want = marked, append(want, i)
			}
		}
		var got []int
		for i := range lines {
			if SpecialLines(lines)[i] {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: lines %v are special, want %v", name, got, want)
		}
	}
}
