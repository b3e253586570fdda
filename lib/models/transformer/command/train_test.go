package command

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
	"genlab/lib/data/fetch"
	"genlab/lib/data/helppages"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// said is what a command line prints.
func said(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, err := commandtest.Run(t.Context(), Model, args...)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return stdout + stderr
}

func TestTrainTranslate(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	got := said(t, "train", "translator", "--preset", "tiny", "--embed", "16", "--pairs", "200", "--held-out", "3", "--vocab", "200", "--epochs", "1", "--run", run)
	if !strings.Contains(got, "of the held-out texts translated word for word") || !strings.Contains(got, "next: genlab translate --run "+run) {
		t.Errorf("the training says %s", got)
	}
	if got := said(t, "translate", "--run", run, "--max-tokens", "5", "--check", "4", "--digits", "3"); !strings.Contains(got, "of 4 numbers of 3 digits exact") {
		t.Errorf("the check says %s", got)
	}
	if got := said(t, "translate", "--run", run, "--max-tokens", "5", "two books"); strings.Count(got, "\n") != 1 {
		t.Errorf("a translation is %q", got)
	}
}

// helpPages puts a set of help pages into a folder of its own, of English and Russian.
func helpPages(t *testing.T) {
	t.Helper()
	root := t.TempDir()
	t.Setenv(fetch.FolderEnv, root)
	for name, say := range map[string]func(i int) string{
		"en": func(i int) string {
			return fmt.Sprintf("Chapter %s tells of the window", strings.Repeat(string(rune('a'+i%26)), 2+i/26))
		},
		"ru": func(i int) string {
			return fmt.Sprintf("Глава %s говорит об окне", strings.Repeat(string(rune('а'+i%26)), 2+i/26))
		},
		"de": func(i int) string { return fmt.Sprintf("Kapitel %d", i) },
	} {
		var raw bytes.Buffer
		w := tar.NewWriter(&raw)
		for i := range 150 {
			text := fmt.Sprintf("<p id=%q>%s</p>", fmt.Sprintf("par%d", i), say(i))
			if i%3 == 0 { // texts that are like no other, to be held out
				text = fmt.Sprintf("<p id=\"own\">%s</p>", strings.Repeat(say(i)[:4]+string(rune('a'+i%26))+strings.Repeat(string(rune('я'-i%26)), 1+i/26), 2))
			}
			if err := w.WriteHeader(&tar.Header{Name: fmt.Sprintf("help/text/%d.html", i), Mode: 0o644, Size: int64(len(text))}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(root, helppages.Set, name+".tar")
		if err := errors.Join(w.Close(), os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, raw.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMeasure(t *testing.T) {
	helpPages(t)
	dir := t.TempDir()
	run, made := filepath.Join(dir, "pages"), filepath.Join(dir, "made")
	got := said(t, "train", "translator", "--preset", "tiny", "--embed", "16", "--data", "help-pages", "--vocab", "150", "--epochs", "1", "--held-out", "2", "--run", run)
	if !strings.Contains(got, "BLEU of held-out texts") || !strings.Contains(got, "next: genlab measure translation --run "+run) {
		t.Errorf("the training says %s", got)
	}
	got = said(t, "measure", "translation", "--run", run, "--number", "3", "--beam", "1")
	for _, want := range []string{"3 texts of help pages", "translator  ", "memory  ", "copied  ", "nrefs:1|case:mixed|eff:no|tok:13a", "mistakes:", "Доброе утро!"} {
		if !strings.Contains(got, want) {
			t.Errorf("the measure lacks %q: %s", want, got)
		}
	}
	said(t, "train", "translator", "--preset", "tiny", "--embed", "16", "--pairs", "20", "--held-out", "1", "--vocab", "120", "--epochs", "1", "--run", made)
	for want, args := range map[string][]string{
		"wasn't trained on help pages": {"--run", made},
		"--number is -1":               {"--run", run, "--number", "-1"},
		"no run in":                    {"--run", filepath.Join(dir, "none")},
	} {
		if _, _, err := commandtest.Run(t.Context(), Model, append([]string{"measure", "translation"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	t.Setenv(fetch.FolderEnv, dir)
	if _, _, err := commandtest.Run(t.Context(), Model, "train", "translator", "--data", "help-pages", "--run", run); err == nil || !strings.Contains(err.Error(), "genlab data help-pages") {
		t.Errorf("before it is fetched: %v", err)
	}
}
