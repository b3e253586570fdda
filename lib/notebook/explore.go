package notebook

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"genlab/lib/viz"
)

// View is what a panel shows for its controls' values: a picture, a text, or both.
type View struct {
	Picture image.Image
	Text    string // shown as it is, in a fixed-width font
}

const (
	arrival  = 15 * time.Second // nobody is there when a page hasn't called by then
	silence  = 20 * time.Second // nor when it has stopped calling for so long
	idleTime = 15 * time.Minute // a panel that nobody moves ends by itself
)

// Explore shows a view with controls that a person moves; each move is answered by view with the controls' values. What view needs (an
// opened model, say) is made once, before: the cell's process stays, and answers, until it is interrupted, another cell is run, or
// nobody has been there for a while. What it leaves in the notebook is a still picture that needs no kernel. A cell that nobody looks
// at ends at once, so a notebook runs from top to bottom. Within view, [Check] and [Must] show the error in the panel, which goes on.
func Explore(title string, view func(v Values) View, controls ...Control) {
	p := &panel{Title: title, view: view, values: Values{}}
	for i, c := range controls {
		f := c.field()
		f.ID = fmt.Sprint(i)
		p.Fields = append(p.Fields, f)
		p.values[f.Name] = f.start
	}
	// The first answer compiles what there is to compile, before anybody waits for it.
	a := p.answer()
	if !gonbui.IsNotebook {
		if a.err != nil {
			Check(a.err)
		}
		if a.Text != "" {
			fmt.Println(a.Text)
		}
		if a.shown != nil {
			Show(a.shown)
		}
		return
	}
	defer endWithKernel()()
	p.ID = "genlab-" + gonbui.UniqueId()
	if Unattended() {
		p.show(a, false)
		Check(a.err)
		return
	}
	p.show(a, true)
	a = p.serve(a)
	p.show(a, false)
}

// Unattended says that no person is there who could move or stop anything. GENLAB_UNATTENDED=1 sets it.
func Unattended() bool { return os.Getenv("GENLAB_UNATTENDED") != "" }

type panel struct {
	ID, Title string
	Fields    []field
	view      func(Values) View
	values    Values
}

// answer is what the page gets for the values of the move with the number Seq.
type answer struct {
	Seq     int    `json:"seq"`
	Picture string `json:"picture,omitempty"` // a data URL
	Text    string `json:"text,omitempty"`
	Error   string `json:"error,omitempty"`

	shown image.Image
	err   error
}

// viewError carries an error from Check out of a view.
type viewError struct{ error }

// viewing says that a view is being made, whose errors end it alone.
var viewing bool

func (p *panel) answer() (a answer) {
	viewing = true
	defer func() {
		viewing = false
		switch r := recover().(type) {
		case nil:
		case viewError:
			a.err = r.error
		default:
			a.err = fmt.Errorf("the view panicked: %v", r)
		}
		if a.err != nil {
			a.Error = a.err.Error()
		}
	}()
	v := p.view(p.values)
	a.Text = v.Text
	if v.Picture != nil {
		a.shown = v.Picture
		a.Picture, a.err = viz.DataURL(v.Picture)
	}
	return a
}

// message is what the page says.
type message struct {
	Seq    int                        `json:"seq"`
	Values map[string]json.RawMessage `json:"values"` // by field
	End    bool                       `json:"end"`
}

// serve answers the page until it ends, and returns the last answer.
func (p *panel) serve(last answer) answer {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupt)

	messages := make(chan message, 64)
	comms.Subscribe(p.address(), func(_, text string) {
		var m message
		if json.Unmarshal([]byte(text), &m) == nil {
			messages <- m
		}
	})
	return p.answerAll(last, messages, interrupt, p.send)
}

// answerAll is serve with what the page says, and what tells it an answer.
func (p *panel) answerAll(last answer, messages <-chan message, interrupt <-chan os.Signal, send func(answer)) answer {
	moved := time.Now()
	alone := time.NewTimer(arrival)
	for {
		select {
		case <-interrupt:
			return last
		case <-alone.C:
			return last
		case m := <-messages:
			if m.End || time.Since(moved) > idleTime {
				return last
			}
			alone.Reset(silence)
			// Messages may overtake each other on their way: an older move than the last is no news.
			if m.Values == nil || m.Seq <= last.Seq {
				send(answer{Seq: -1}) // I am here
				continue
			}
			moved = time.Now()
			for _, f := range p.Fields {
				if v, err := f.parse(m.Values[f.ID]); err == nil {
					p.values[f.Name] = v
				}
			}
			a := p.answer()
			a.Seq = m.Seq
			send(a)
			if a.err != nil { // what stays in the notebook is the last good view
				last.Seq = m.Seq
				continue
			}
			last = a
		}
	}
}

func (p *panel) address() string { return "/genlab/" + p.ID }

func (p *panel) send(a answer) {
	text, err := json.Marshal(a)
	if err == nil {
		comms.Send(p.address(), string(text))
	}
}

var (
	//go:embed panel.html
	panelHTML string
	//go:embed panel.js
	panelJS string

	panelPage = template.Must(template.New("panel").Parse(panelHTML))
)

// show puts the panel on the page, or replaces what is there of it: live, or as the still picture that stays.
func (p *panel) show(a answer, live bool) {
	fields := make([]field, len(p.Fields))
	for i, f := range p.Fields {
		f.Now = fmt.Sprint(p.values[f.Name])
		f.Still = !live
		fields[i] = f
	}
	config, err := json.Marshal(map[string]string{"kernel": os.Getenv(protocol.GONB_JUPYTER_KERNEL_ID_ENV), "address": p.address()})
	Check(err)
	var page bytes.Buffer
	Check(panelPage.Execute(&page, map[string]any{
		"ID": p.ID, "Title": p.Title, "Fields": fields, "Live": live, "Config": string(config),
		"Picture": template.URL(a.Picture), // made by viz.DataURL
		"Text":    a.Text, "Error": a.Error,
		"Script": template.JS(strings.ReplaceAll(panelJS, "PANEL_ID", p.ID)),
	}))
	gonbui.UpdateHTML(p.ID, page.String())
	Check(viz.Flush())
}
