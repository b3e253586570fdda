//go:build linux && cgo

package backend

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPrograms(t *testing.T) {
	p := &programs{dir: t.TempDir(), limit: 200}
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

	// Room for four: the least recently used goes, and nothing else that lies there.
	long := time.Now().Add(-time.Hour)
	if err := os.WriteFile(filepath.Join(p.dir, "letter.txt"), make([]byte, 500), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(p.dir, "letter.txt"), long, long); err != nil {
		t.Fatal(err)
	}
	name := func(i int) string { return p.key([]byte{byte(i)}, nil) }
	for i := range 4 {
		p.store(name(i), []byte("0123456789"))
		at := long.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(filepath.Join(p.dir, name(i)), at, at); err != nil {
			t.Fatal(err)
		}
	}
	p.load(name(0))
	p.store(name(4), []byte("0123456789"))
	for i, want := range []bool{true, false, true, true, true} {
		if got := p.load(name(i)) != nil; got != want {
			t.Errorf("program %d is there: %v", i, got)
		}
	}
	if _, err := os.Stat(filepath.Join(p.dir, "letter.txt")); err != nil {
		t.Errorf("a file that is no program is gone: %v", err)
	}
}
