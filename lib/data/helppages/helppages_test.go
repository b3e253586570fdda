package helppages

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/data/fetch"
	"genlab/lib/data/translation"
)

const (
	english = `<!DOCTYPE html><html><body><h1 id="hd_1" dir="auto"><a name="x"></a>Inserting &amp; Editing <span class="emph">Tables</span></h1>
<p id="par_1" class="paragraph">Choose <span id="s"><span hidden="true" id="MACx" class="MAC"><span>Office - <b>Preferences</b></span></span><span hidden="true" id="defaultx">Tools - Options</span></span>
   to open<br>it.</p>
<p id="par_2" class="code">Print "code" to the file</p>
<p id="par_3">Opens <span hidden="true" id="WRITERx">the text</span><span hidden="true" id="CALCx">the sheet</span> window.</p>
<p class="related">Without a name</p><p id="par_4"> </p><p id="par_1">Twice the same name</p></body></html>`
	paragraph1 = "Choose Tools - Options to open it."
)

func TestReadPage(t *testing.T) {
	p, err := readPage(strings.NewReader(english))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(p), fmt.Sprint(page{{"hd_1", "Inserting & Editing Tables"}, {"par_1", paragraph1}}); got != want {
		t.Errorf("the page is %s, want %s", got, want)
	}
}

// pages writes a package's files, as the set keeps them.
func pages(t *testing.T, path string, texts map[string]string) {
	t.Helper()
	var raw bytes.Buffer
	w := tar.NewWriter(&raw)
	for name, text := range texts {
		if err := w.WriteHeader(&tar.Header{Name: "./usr/share/help/xx/text/" + name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, raw.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestLoad(t *testing.T) {
	root := t.TempDir()
	t.Setenv(fetch.FolderEnv, root)
	if _, err := Load(translation.Russian); !errors.Is(err, fetch.ErrAbsent) || !strings.Contains(err.Error(), "genlab data help-pages") {
		t.Errorf("before it is fetched: %v", err)
	}
	if _, err := Load("fr"); err == nil || !strings.Contains(err.Error(), `target is "fr": it must be "ru" or "de"`) {
		t.Errorf("an unknown language: %v", err)
	}
	p := func(id, text string) string { return fmt.Sprintf("<p id=%q>%s</p>", id, text) }
	en, ru := map[string]string{}, map[string]string{}
	for i := range 60 { // some are held out; each has a sentence of its own, one that all have, and one that is nearly that of the others
		name, word := fmt.Sprintf("page%d.html", i), strings.Repeat(string(rune('a'+i%26)), 4+i/26)
		en[name] = p("1", "The "+word+" of "+word+word) + p("2", "Click the button") + p("9", "Save the table of "+word+" to a file on the disk")
		ru[name] = p("1", "Русский "+strings.Repeat(string(rune('а'+i%26)), 4+i/26)) + p("2", "Нажмите кнопку") + p("9", "Записать на диск в файл таблицу "+name[4:])
	}
	en["page0.html"] += p("3", "=SUM(A1:B2)") + p("4", "Untranslated text") + p("5", "Old text") + p("6", "Only here") + p("7", strings.Repeat("long ", 61)) + p("8", "No")
	ru["page0.html"] += p("3", "=СУММ(A1:B2)") + p("4", "Untranslated text") + p("5", "Alter Text ж") + p("7", "длинный") + p("8", strings.Repeat("да ", 7))
	pages(t, filepath.Join(root, Set, "en.tar"), en)
	pages(t, filepath.Join(root, Set, "ru.tar"), ru)
	pages(t, filepath.Join(root, Set, "de.tar"), map[string]string{"none.txt": ""})
	c, err := Load(translation.Russian)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]int{}
	for _, l := range c.LeftOut {
		left[l.Why] = l.Pairs
	}
	const nearly = "held out, and nearly a text that is learned from"
	want := map[string]int{
		"seen before": 59, "no words: formulas, keys, numbers": 2, "not translated": 1, "in another language": 1, "longer than 60 words": 1,
		nearly: left[nearly],
	}
	if c.Pages != 60 || fmt.Sprint(left) != fmt.Sprint(want) {
		t.Errorf("%d pages, left out %v; want 60, %v", c.Pages, left, want)
	}
	if n := len(c.Learn) + len(c.Validation) + len(c.Test); left[nearly] < 4 || n != 121-left[nearly] || len(c.Validation) < 2 || len(c.Test) < 2 {
		t.Errorf("%d to learn from, %d for validation, %d for the test: want 121 in all, less those that are nearly learned", len(c.Learn), len(c.Validation), len(c.Test))
	}
	for _, held := range [][]translation.Pair{c.Validation, c.Test} {
		if got := translation.Apart(held, c.Learn, near); len(got) != len(held) {
			t.Errorf("%d of %d held-out pairs are nearly learned", len(held)-len(got), len(held))
		}
	}
	if _, err := Load(translation.German); err == nil || !strings.Contains(err.Error(), "it has no page") {
		t.Errorf("a package without pages: %v", err)
	}
}

func TestUnfit(t *testing.T) {
	for _, c := range []struct {
		p    translation.Pair
		to   translation.Language
		want string
	}{
		{translation.Pair{Source: "Choose Format - Cells.", Target: "Выберите Формат - Ячейки."}, "ru", ""},
		{translation.Pair{Source: "Choose the file.", Target: "Wählen Sie die Datei."}, "de", ""},
		{translation.Pair{Source: "Choose the file.", Target: "Choose the file of this page."}, "de", "in another language"},
		{translation.Pair{Source: "Choose the file.", Target: "Choose das file."}, "de", ""}, // as many of either
		{translation.Pair{Source: "Choose the file.", Target: "Choose файл"}, "ru", "in another language"},
		{translation.Pair{Source: "Yes", Target: "Да, и ещё много слов, которых там нет"}, "ru", "much longer on one side"},
		{translation.Pair{Source: "Ctrl+F12", Target: "Ctrl+F12 и"}, "ru", "no words: formulas, keys, numbers"},
	} {
		if got := unfit(c.p, c.to); got != c.want {
			t.Errorf("%v to %s: %q, want %q", c.p, c.to, got, c.want)
		}
	}
}
