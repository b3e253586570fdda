package decode

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

func utf16Bytes(text string, order binary.AppendByteOrder) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func TestText(t *testing.T) {
	const text = "Größe, 1 — 𝄞\nsecond\n"
	for name, raw := range map[string][]byte{
		"UTF-8":                   []byte(text),
		"UTF-8 with a mark":       []byte("\ufeff" + text),
		"UTF-16, little, marked":  utf16Bytes("\ufeff"+text, binary.LittleEndian),
		"UTF-16, big, marked":     utf16Bytes("\ufeff"+text, binary.BigEndian),
		"UTF-16, little, no mark": utf16Bytes(text+strings.Repeat("plain\n", 20), binary.LittleEndian),
		"UTF-16, big, no mark":    utf16Bytes(text+strings.Repeat("plain\n", 20), binary.BigEndian),
	} {
		got, err := Text(raw)
		if err != nil || !strings.HasPrefix(got, text) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for raw, want := range map[string]string{
		"one\rtwo\r":      "one\ntwo\n",
		"one\r\ntwo\r\n":  "one\r\ntwo\r\n",
		"a\rb\n":          "a\rb\n",
		"":                "",
		"\ufffd is valid": "\ufffd is valid",
	} {
		if got, err := Text([]byte(raw)); err != nil || got != want {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
	}
}

func TestTextErrors(t *testing.T) {
	for raw, want := range map[string]string{
		"first\nGr\xf6\xdfe\n":     "line 2, character 3 is 0xf6, which is no UTF-8",
		"PK\x03\x04rest":           "ZIP archive",
		"\x1f\x8b\x08":             "gzip",
		"\xff\xfea":                "half a character",
		"text\x00and\x00more\n":    "line 1, character 5 is a zero byte",
		"\xd0\xcf\x11\xe0\xa1\xb1": "old Office document",
	} {
		if got, err := Text([]byte(raw)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", raw, got, err, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"a\nb", "\ufeffx", "\xff\xfea\x00", "\xfe\xff\x00a", "one\rtwo", "\x00a\x00b\x00c", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		text, err := Text(raw)
		if err != nil {
			return
		}
		if again, err := Text([]byte(text)); strings.HasPrefix(text, "\ufeff") || (err == nil && strings.ContainsRune(again, 0)) {
			t.Errorf("%q reads as %q, then %q, %v", raw, text, again, err)
		}
	})
}
