package notebook

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		path, text string
		want       []piece
	}{
		{"a.go", "// one\nfunc f() string { return `x` + \"<\" } // 2", []piece{
			{remark, "// one"}, {keyword, "func"}, {keyword, "return"}, {quoted, "`x`"}, {quoted, `"<"`}, {remark, "// 2"},
		}},
		{"a.py", "def f(x):  # if\n    return \"a#b\" * 2.5", []piece{
			{keyword, "def"}, {remark, "# if"}, {keyword, "return"}, {quoted, `"a#b"`}, {number, "2.5"},
		}},
	} {
		var got []piece
		whole := ""
		for _, p := range pieces(source{path: c.path, text: c.text}) {
			whole += p.text
			if p.kind != plain {
				got = append(got, p)
			}
		}
		if whole != c.text || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v of %q", c.path, got, whole)
		}
	}
}

// TestSourceHTML: what a page gets is well formed, holds the text and says where it is from.
func TestSourceHTML(t *testing.T) {
	s, err := find("vae.Net.Encode")
	if err != nil {
		t.Fatal(err)
	}
	page, text := s.html(), ""
	d := xml.NewDecoder(strings.NewReader(page))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, page)
		}
		if c, ok := tok.(xml.CharData); ok {
			text += string(c)
		}
	}
	if !strings.Contains(text, s.text) || !strings.Contains(page, `href="../models/vae/model.go#L`) {
		t.Error(page)
	}
}
