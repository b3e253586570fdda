// Package decode turns a file that is meant as text into UTF-8, as editors and spreadsheets do, or says what else it is.
package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text is the text of a file: UTF-8 or UTF-16, with a byte order mark or, where the text is mostly ASCII, without. The mark is taken
// off. Lines that end in carriage returns alone get line feeds; others keep what they have. An error names the first byte
// that is no text.
func Text(raw []byte) (string, error) {
	for _, kind := range []struct{ start, name string }{
		{"PK\x03\x04", "a ZIP archive (a spreadsheet's .xlsx and .ods are such)"}, {"\xd0\xcf\x11\xe0", "an old Office document (.xls, .doc)"},
		{"\x1f\x8b", "gzip"}, {"%PDF", "a PDF"},
	} {
		if bytes.HasPrefix(raw, []byte(kind.start)) {
			return "", fmt.Errorf("it is %s, not text: unpack it, or save it as text (CSV, UTF-8)", kind.name)
		}
	}
	if order := sixteen(raw); order != nil {
		var err error
		if raw, err = fromUTF16(raw, order); err != nil {
			return "", err
		}
	}
	for bytes.HasPrefix(raw, []byte("\ufeff")) { // joined files may have two
		raw = raw[3:]
	}
	if at := invalid(raw); at >= 0 {
		return "", fmt.Errorf("%s is 0x%02x, which is no UTF-8: save the text as UTF-8", Position(string(raw), at), raw[at])
	}
	if at := bytes.IndexByte(raw, 0); at >= 0 {
		return "", fmt.Errorf("%s is a zero byte: it is no text", Position(string(raw), at))
	}
	text := string(raw)
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, nil
}

// sixteen tells UTF-16, and its byte order; nil is no such. Without a mark, every other byte of ASCII is zero.
func sixteen(raw []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return binary.LittleEndian
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return binary.BigEndian
	}
	head := raw[:min(len(raw), 1000)&^1]
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch most := len(head) / 2 * 3 / 4; {
	case len(head) < 4:
	case zeros[1] > most && zeros[0] == 0:
		return binary.LittleEndian
	case zeros[0] > most && zeros[1] == 0:
		return binary.BigEndian
	}
	return nil
}

func fromUTF16(raw []byte, order binary.ByteOrder) ([]byte, error) {
	if len(raw)%2 != 0 {
		return nil, errors.New("it is UTF-16 with half a character at its end: it was cut, or two files were joined; save it as UTF-8")
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units))), nil
}

// invalid is the place of the first byte that is no UTF-8, -1 where all is.
func invalid(raw []byte) int {
	for at := 0; at < len(raw); {
		r, size := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// Position says where a byte of a text lies, as editors count.
func Position(text string, at int) string {
	before := text[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	return fmt.Sprintf("line %d, character %d", strings.Count(before, "\n")+1, utf8.RuneCountInString(before[start:])+1)
}
