package images

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// made makes a folder of copies of a small picture.
func made(t *testing.T, paths ...string) string {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile("testdata/thin.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		write(t, filepath.Join(dir, filepath.FromSlash(path)), data)
	}
	return dir
}

// The order of torchvision 0.24.1's ImageFolder for these very files: classes by name, then folders, then files.
func TestFolderOrder(t *testing.T) {
	dir := made(t, "cat-wild/0.png", "Cat/0.png", "cat/0.png", "cat food/0.png", "cat.old/0.png", "кот/0.png",
		"cat/z.png", "cat/a/0.png", "cat/a b/0.png", "cat/a/b/0.png", "cat/B.png")
	set, err := Folder(context.Background(), FolderConfig{Dir: dir, Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Cat", "cat", "cat food", "cat-wild", "cat.old", "кот"}; !slices.Equal(set.Classes, want) {
		t.Errorf("classes %q, want %q", set.Classes, want)
	}
	if want := []int32{0, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5}; !slices.Equal(set.labels, want) {
		t.Errorf("labels %v, want %v", set.labels, want)
	}
	got := pictures([]string{"cat/a/b/0.png", "cat/a b/0.png", "cat/z.png", "cat/a/0.png", "cat/B.png", "cat/0.png", "Cat/0.JFIF", "notes.txt"})
	if want := []string{"Cat/0.JFIF", "cat/0.png", "cat/B.png", "cat/z.png", "cat/a/0.png", "cat/a b/0.png", "cat/a/b/0.png"}; !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}

// Hidden files and folders are neither classes nor pictures; links are both.
func TestFolderHiddenAndLinked(t *testing.T) {
	dir := made(t, "in/cats/0.png", "in/dogs/0.png", "in/.ipynb_checkpoints/0.png", "in/cats/.ipynb_checkpoints/0.png", "in/cats/._0.png", "far/birds/0.png", "far/1.png")
	for from, to := range map[string]string{"in/birds": "far/birds", "in/dogs/1.png": "far/1.png", "root": "in"} {
		if err := os.Symlink(filepath.Join(dir, to), filepath.Join(dir, from)); err != nil {
			t.Skip(err)
		}
	}
	for _, root := range []string{"in", "root"} {
		set, err := Folder(context.Background(), FolderConfig{Dir: filepath.Join(dir, root), Size: 2})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(set.Classes, []string{"birds", "cats", "dogs"}) || !slices.Equal(set.labels, []int32{0, 1, 2, 2}) {
			t.Errorf("%s: classes %q, labels %v", root, set.Classes, set.labels)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "in", "cats", "gone.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(context.Background(), FolderConfig{Dir: filepath.Join(dir, "in"), Size: 2}); err == nil || !strings.Contains(err.Error(), "gone.png") {
		t.Errorf("a link to nothing: error %v", err)
	}
}

// A folder without a picture would shift the classes after it.
func TestFolderEmptyClass(t *testing.T) {
	dir := made(t, "a/0.png", "c/0.png")
	write(t, filepath.Join(dir, "b", "photo.heic"), []byte("ftypheic"))
	for _, skip := range []bool{false, true} {
		if _, err := Folder(context.Background(), FolderConfig{Dir: dir, Size: 2, SkipBroken: skip}); err == nil || !strings.Contains(err.Error(), `class "b"`) {
			t.Errorf("a class of other files: error %v", err)
		}
		write(t, filepath.Join(dir, "b", "broken.png"), nil) // left out, and so is the class
	}
	write(t, filepath.Join(dir, "top.png"), nil)
	if _, err := Folder(context.Background(), FolderConfig{Dir: dir, Size: 2, Trust: true}); err != nil {
		t.Errorf("no classes, an empty folder: %v", err)
	}
}

// FuzzFolder seeks names and files of which a folder is made that end the program.
func FuzzFolder(f *testing.F) {
	data, err := os.ReadFile("testdata/thin.png")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("a/0.png", "b/1.PNG", data)
	f.Add("a/0.png", ".b/1.png", data[:20])
	f.Add("0.gif", "a/b/c/d.tiff", []byte("GIF89a"))
	f.Fuzz(func(t *testing.T, one, two string, data []byte) {
		dir := t.TempDir()
		for _, name := range []string{one, two} {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if !strings.HasPrefix(path, dir+string(filepath.Separator)) || os.MkdirAll(filepath.Dir(path), 0o755) != nil || os.WriteFile(path, data, 0o644) != nil {
				return
			}
		}
		if need, _, err := cost(bytes.NewReader(data)); err == nil && need > 8<<20 {
			return
		}
		set, err := Folder(context.Background(), FolderConfig{Dir: dir, Size: 3, SkipBroken: true})
		if err != nil {
			return
		}
		if _, err := set.Floats(0, set.Len()); err != nil {
			t.Errorf("%d pictures were found good, and then %v", set.Len(), err)
		}
	})
}
