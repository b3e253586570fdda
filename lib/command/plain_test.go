package command

import (
	"bytes"
	"fmt"
	"testing"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"a\tb\nКот 猫 é\n":         "a\tb\nКот 猫 é\n",
		"\x1b[31mred\x1b]0;t\x07": `\x1b[31mred\x1b]0;t\a`,
		"one\rtwo\b\x7f\x00":      `one\rtwo\b\x7f\x00`,
		"\u009b2J":                `\u009b2J`,
		"\x9b2J\xff":              `\x9b2J\xff`,
		"cat\u202egnp.exe":        `cat\u202egnp.exe`,
		"a\u2028b":                `a\u2028b`,
		"\ufffd'":                 "\ufffd'",
	} {
		if got := Plain(text); got != want {
			t.Errorf("Plain(%q) = %q, want %q", text, got, want)
		}
	}
	if got := Line("cats\nDone.\t"); got != `cats\nDone.\t` {
		t.Errorf("Line gives %q", got)
	}
	var out bytes.Buffer
	if n, err := fmt.Fprint(PlainWriter(&out), "\x1bc", "x"); n != 3 || err != nil || out.String() != `\x1bcx` {
		t.Errorf("%d, %v, %q", n, err, out.String())
	}
}
