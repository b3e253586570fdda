package command

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain is a text that a terminal shows and doesn't obey: control characters, those that turn the direction of writing, and bytes that
// are no UTF-8 stand escaped, as in Go, "\x1b"; ends of lines and tabs stay.
func Plain(text string) string {
	return escape(text, func(r rune) bool { return r == '\n' || r == '\t' })
}

// Line is [Plain] on one line, whatever the text holds: for names and for answers to one line.
func Line(text string) string { return escape(text, func(rune) bool { return false }) }

func escape(text string, stays func(rune) bool) string {
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case unicode.In(r, unicode.Cc, unicode.Bidi_Control, unicode.Zl, unicode.Zp) && !stays(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

// PlainWriter passes on what is written as [Plain] has it. All that the command prints goes through one: no text of a file, nor an error
// that holds one, reaches the terminal raw.
func PlainWriter(w io.Writer) io.Writer { return plainWriter{w} }

type plainWriter struct{ w io.Writer }

func (p plainWriter) Write(text []byte) (int, error) {
	if _, err := io.WriteString(p.w, Plain(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}
