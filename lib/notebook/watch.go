package notebook

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"genlab/lib/train"
	"genlab/lib/viz"
)

// Watch is for train.Options.Watch: one picture that grows with the training, with the curves of the named metrics (loss and
// test_loss when none is named) and the newest picture of the run's samples, under a line that says how far it is and a button that
// stops and saves. A saved notebook holds its last state. A page that is loaded again while the cell goes on reads from the run
// (live.json and live.png) where it is. Outside a notebook Watch is nil, and the training prints lines.
func Watch(metrics ...string) func(train.Progress) {
	if !gonbui.IsNotebook {
		return nil
	}
	if len(metrics) == 0 {
		metrics = []string{"loss", "test_loss"}
	}
	w := &watch{metrics: metrics, id: "genlab-" + gonbui.UniqueId()}
	return w.see
}

type watch struct {
	metrics []string
	id      string
	picture viz.Live
	began   bool
	told    time.Time
}

// see shows the progress. What can't be shown is no reason to stop a training.
func (w *watch) see(p train.Progress) {
	if p.Done || time.Since(w.told) >= time.Second {
		w.told = time.Now()
		w.tell(p)
	}
	if !w.began && !Unattended() {
		w.strip(p)
	}
	w.began = true
	_ = w.picture.Update(func() image.Image {
		img := draw(p, w.metrics)
		var buf bytes.Buffer
		if viz.Err(img) == nil && png.Encode(&buf, img) == nil {
			_ = renameio.WriteFile(filepath.Join(p.Run, "live.png"), buf.Bytes(), 0o644)
		}
		return img
	})
	if p.Done {
		_ = w.picture.Close()
		if !Unattended() {
			w.strip(p)
		}
	}
}

// tell writes where the training is for pages that are loaded later.
func (w *watch) tell(p train.Progress) {
	text, err := json.Marshal(map[string]any{"kernel": os.Getenv(protocol.GONB_JUPYTER_KERNEL_ID_ENV), "line": p.String(), "done": p.Done})
	if err == nil {
		_ = renameio.WriteFile(filepath.Join(p.Run, "live.json"), text, 0o644)
	}
}

var (
	//go:embed watch.html
	watchHTML string
	//go:embed watch.js
	watchJS string

	watchPage = template.Must(template.New("watch").Parse(watchHTML))
)

// strip shows the line and the button, or what is left of them in the end.
func (w *watch) strip(p train.Progress) {
	config, err := json.Marshal(map[string]string{"kernel": os.Getenv(protocol.GONB_JUPYTER_KERNEL_ID_ENV), "files": served(p.Run)})
	if err != nil {
		return
	}
	p.Metrics = nil
	var page bytes.Buffer
	if watchPage.Execute(&page, map[string]any{
		"ID": w.id, "Run": p.Run, "Live": !p.Done, "Finished": p.Done && p.Step >= p.Steps, "Line": p.String(), "Config": string(config),
		"Script": template.JS(strings.ReplaceAll(watchJS, "WATCH_ID", w.id)),
	}) == nil {
		gonbui.UpdateHTML(w.id, page.String())
	}
}

// served is a folder's path below the one that Jupyter serves; empty when it isn't there.
func served(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(os.Getenv(protocol.GONB_JUPYTER_ROOT_ENV), abs)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// draw draws a run as its metrics tell it, from its first step on, whichever cell trained it.
func draw(p train.Progress, metrics []string) image.Image {
	records, err := train.ReadMetrics(p.Run)
	if err != nil {
		return nil
	}
	var curves []viz.Curve
	positive := true
	for _, name := range metrics {
		if steps, values := train.Series(records, name); len(values) > 0 {
			curves = append(curves, viz.Curve{Name: name, X: steps, Y: values})
			positive = positive && slices.Min(values) > 0
		}
	}
	p.Metrics = nil // the curves show them
	if p.Done {
		p.Rate = 0 // the picture that stays is the same each time
	}
	all := viz.Curves(curves, viz.PlotConfig{Title: p.String(), X: "step", LogY: positive})
	if samples := newestPicture(filepath.Join(p.Run, "samples")); samples != nil {
		return viz.Stack(all, samples)
	}
	return all
}

// newestPicture reads the PNG in dir that was written last; nil when there is none.
func newestPicture(dir string) image.Image {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var newest string
	var at time.Time
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ".png") && info.ModTime().After(at) {
			newest, at = e.Name(), info.ModTime()
		}
	}
	if newest == "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(dir, newest))
	if err != nil {
		return nil
	}
	img, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		return nil
	}
	return img
}
