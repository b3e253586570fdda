package command

import "testing"

func TestQuote(t *testing.T) {
	for path, want := range map[string]string{"/a/b": "/a/b", "/a b": "'/a b'", "": "''", "/{a}": "'/{a}'", "/it's": `'/it'\''s'`} {
		if got := Quote(path); got != want {
			t.Errorf("Quote(%s) = %s", path, got)
		}
	}
}
