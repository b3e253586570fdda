package backend

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPrograms(t *testing.T) {
	p := &programs{dir: filepath.Join(t.TempDir(), "programs"), limit: 200}
	key := p.key([]byte("code"), []byte("options"))
	for _, other := range []string{p.key([]byte("code2"), []byte("options")), p.key([]byte("code"), nil), (&programs{same: "flags"}).key([]byte("code"), []byte("options"))} {
		if other == key {
			t.Error("two programs have one name")
		}
	}
	if p.load(key) != nil {
		t.Error("a program that nobody stored")
	}
	p.store(key, []byte("machine code"))
	if got := string(p.load(key)); got != "machine code" {
		t.Errorf("loaded %q", got)
	}
	info, err := os.Stat(filepath.Join(p.dir, key))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v: others could change what is executed", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, key), []byte("a file that was cut off, or is another one altogether"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p.load(key) != nil {
		t.Error("a broken file was loaded")
	}
	if err := os.Remove(filepath.Join(p.dir, key)); err != nil {
		t.Fatal(err)
	}

	// Room for four: the least recently used goes.
	long := time.Now().Add(-time.Hour)
	for _, name := range []string{"a", "b", "c", "d"} {
		p.store(name, []byte("0123456789"))
		if err := os.Chtimes(filepath.Join(p.dir, name), long, long); err != nil {
			t.Fatal(err)
		}
		long = long.Add(time.Minute)
	}
	p.load("a")
	p.store("e", []byte("0123456789"))
	for name, want := range map[string]bool{"a": true, "b": false, "d": true, "e": true} {
		if got := p.load(name) != nil; got != want {
			t.Errorf("%s is there: %v", name, got)
		}
	}
}
