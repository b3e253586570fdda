package notebook

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// hostile is what a file's name, a class or a model's text could be.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

// TestPanelEscapes makes a panel of hostile names and texts: none of them may become a tag, live or still.
func TestPanelEscapes(t *testing.T) {
	for _, live := range []bool{true, false} {
		var fields []field
		for i, c := range []Control{Slider{Name: hostile, Max: 1}, TextBox{Name: hostile, Value: hostile}, Pad{Name: hostile, Side: 4}} {
			f := c.field()
			f.ID, f.Now, f.Still = fmt.Sprint(i), hostile, !live
			fields = append(fields, f)
		}
		var page bytes.Buffer
		err := panelPage.Execute(&page, map[string]any{
			"ID": "x", "Title": hostile, "Fields": fields, "Live": live, "Config": hostile, "Picture": template.URL(""),
			"Text": hostile, "Error": hostile, "Script": template.JS("0"),
		})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(page.String(), "<script>0</script>", "", 1)
		for _, bad := range []string{"<script", "<img src=x", `""><`} {
			if strings.Contains(text, bad) {
				t.Errorf("live %v: the page contains %q", live, bad)
			}
		}
	}
	var page bytes.Buffer
	if err := watchPage.Execute(&page, map[string]any{
		"ID": "x", "Run": hostile, "Live": false, "Finished": false, "Line": hostile, "Config": hostile, "Script": template.JS("0"),
	}); err != nil || strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "<img src=x") {
		t.Errorf("a run's name became a tag (%v): %s", err, page.String())
	}
}

// TestViewErrors: what goes wrong in a view is the panel's text, and the panel goes on.
func TestViewErrors(t *testing.T) {
	p := &panel{values: Values{"n": 1.0}}
	for want, view := range map[string]func(Values) View{
		"no such run":             func(Values) View { return View{Text: Must("", errors.New("no such run"))} },
		"no control of that kind": func(v Values) View { return View{Text: v.Text("n")} },
		"index out of range":      func(Values) View { return View{Text: []string{}[len(p.Fields)]} },
	} {
		p.view = view
		if a := p.answer(); a.err == nil || !strings.Contains(a.Error, want) {
			t.Errorf("want %q, got %q", want, a.Error)
		}
	}
	p.view = func(v Values) View { return View{Text: fmt.Sprint(v.Int("n"))} }
	if a := p.answer(); a.err != nil || a.Text != "1" {
		t.Errorf("after errors: %+v", a)
	}
}

// TestFieldsParse compares what a page may send with what a control takes.
func TestFieldsParse(t *testing.T) {
	slider := Slider{Name: "s", Min: -1, Max: 1}.field()
	for sent, want := range map[string]float64{"0.5": 0.5, "7": 1, "-7": -1} {
		if v, err := slider.parse(json.RawMessage(sent)); err != nil || v != want {
			t.Errorf("slider %s: %v, %v; want %g", sent, v, err, want)
		}
	}
	pad := Pad{Name: "p", Side: 2}.field()
	good, _ := json.Marshal(base64.StdEncoding.EncodeToString([]byte{0, 255, 51, 0}))
	v, err := pad.parse(good)
	if err != nil || v.(pixels)[1] != 1 || v.(pixels)[2] != 0.2 {
		t.Errorf("pad: %v, %v", v, err)
	}
	for _, bad := range []string{`"AAAA"`, `"???"`, `7`, `{}`, ``} {
		if _, err := pad.parse(json.RawMessage(bad)); err == nil {
			t.Errorf("a pad took %q", bad)
		}
	}
	if _, err := slider.parse(json.RawMessage(`"x"`)); err == nil {
		t.Error("a slider took a text")
	}
}

// A panel ends when nobody comes, when the page has gone, when nobody moves anything for a quarter of an hour, and when it is told to.
func TestPanelEnds(t *testing.T) {
	move := func(seq int, x string) message {
		return message{Seq: seq, Values: map[string]json.RawMessage{"0": json.RawMessage(x)}}
	}
	for name, c := range map[string]struct {
		page  func(say func(message), interrupt chan<- os.Signal)
		after time.Duration
		shows string
	}{
		"nobody comes": {func(func(message), chan<- os.Signal) {}, arrival, "x 0"},
		"the page goes": {func(say func(message), _ chan<- os.Signal) {
			say(message{})
			time.Sleep(10 * time.Second)
			say(move(1, "2"))
		}, 10*time.Second + silence, "x 2"},
		"nobody moves": {func(say func(message), _ chan<- os.Signal) {
			say(move(1, "3"))
			for range 1000 {
				time.Sleep(5 * time.Second)
				say(message{})
			}
		}, idleTime + 5*time.Second, "x 3"},
		"the page says so": {func(say func(message), _ chan<- os.Signal) {
			time.Sleep(time.Second)
			say(message{End: true})
		}, time.Second, "x 0"},
		"the kernel is interrupted": {func(_ func(message), interrupt chan<- os.Signal) {
			time.Sleep(time.Second)
			interrupt <- os.Interrupt
		}, time.Second, "x 0"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				view := func(v Values) View { return View{Text: fmt.Sprintf("x %g", v.Number("x"))} }
				f := Slider{Name: "x", Min: -3, Max: 3}.field()
				f.ID = "0"
				p := &panel{view: view, values: Values{"x": f.start}, Fields: []field{f}}
				messages, interrupt, ended := make(chan message), make(chan os.Signal, 1), make(chan struct{})
				began := time.Now()
				var page sync.WaitGroup
				page.Go(func() {
					c.page(func(m message) {
						select {
						case messages <- m:
						case <-ended:
						}
					}, interrupt)
				})
				last := p.answerAll(p.answer(), messages, interrupt, func(answer) {})
				after := time.Since(began)
				close(ended)
				page.Wait()
				if after != c.after || last.Text != c.shows {
					t.Errorf("it ended after %v and shows %q, want %v and %q", after, last.Text, c.after, c.shows)
				}
			})
		})
	}
}

func TestServed(t *testing.T) {
	root := t.TempDir()
	t.Setenv("GONB_JUPYTER_ROOT", root)
	if got := served(root + "/runs/a b"); got != "runs/a b" {
		t.Errorf("got %q", got)
	}
	if got := served(root + "/../elsewhere"); got != "" {
		t.Errorf("a folder outside is served at %q", got)
	}
}
