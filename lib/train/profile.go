package train

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/renameio/v2"
)

// The files of a run's profile: a trace in the format of Chrome's viewer, which Perfetto opens too, and a summary.
const (
	traceName   = "profile.json"
	summaryName = "profile.txt"
)

// mostSpans bounds the trace: about ten megabytes. The summary counts all.
const mostSpans = 100_000

// Tracks of a trace.
const (
	trainingTrack = 1
	dataTrack     = 2 // batches are made ahead, beside the training
)

// profile records what a training's time goes into. A nil one records nothing. It is safe for concurrent use.
type profile struct {
	run   string
	began time.Time

	mu     sync.Mutex
	file   *renameio.PendingFile
	w      *bufio.Writer
	spans  int
	totals map[spanName]*total
	layers string // the table of layerTimes
	err    error  // the first of writing
}

type spanName struct {
	track int
	name  string
}

type total struct {
	count        int
	sum, longest time.Duration
}

func newProfile(run string) (*profile, error) {
	f, err := renameio.NewPendingFile(filepath.Join(run, traceName), renameio.WithTempDir(run))
	if err != nil {
		return nil, fmt.Errorf("making the profile: %w", err)
	}
	p := &profile{run: run, began: time.Now(), file: f, w: bufio.NewWriter(f), totals: map[spanName]*total{}}
	_, p.err = p.w.WriteString(`{"traceEvents":[
{"ph":"M","name":"thread_name","pid":1,"tid":1,"args":{"name":"training"}},
{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"data"}}`)
	return p, nil
}

// span begins a piece of work, which the returned function ends.
func (p *profile) span(track int, name string) (end func()) {
	if p == nil {
		return func() {}
	}
	from := time.Now()
	return func() { p.record(spanName{track, name}, from, time.Since(from)) }
}

func (p *profile) record(n spanName, from time.Time, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.totals[n]
	if t == nil {
		t = &total{}
		p.totals[n] = t
	}
	t.count, t.sum, t.longest = t.count+1, t.sum+took, max(t.longest, took)
	if p.spans++; p.spans > mostSpans || p.err != nil {
		return
	}
	raw, err := json.Marshal(map[string]any{
		"ph": "X", "name": n.name, "pid": 1, "tid": n.track, "ts": float64(from.Sub(p.began).Nanoseconds()) / 1e3, "dur": float64(took.Nanoseconds()) / 1e3,
	})
	if err == nil {
		_, err = p.w.WriteString(",\n" + string(raw))
	}
	p.err = err
}

// close writes the two files.
func (p *profile) close() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.w.WriteString("\n]}\n")
	err = errors.Join(p.err, err, p.w.Flush())
	if err == nil {
		err = p.file.CloseAtomicallyReplace()
	} else {
		err = errors.Join(err, p.file.Cleanup())
	}
	if err == nil {
		err = replaceFile(filepath.Join(p.run, summaryName), []byte(p.summary(time.Since(p.began))+p.layers))
	}
	if err != nil {
		return fmt.Errorf("writing the profile of %s: %w", p.run, err)
	}
	p.err = errors.New("the profile is closed") // a batch may still be in the making
	return nil
}

// summary lists the work, the longest first, with its share of the whole time.
func (p *profile) summary(whole time.Duration) string {
	names := slices.SortedFunc(maps.Keys(p.totals), func(a, b spanName) int { return int(p.totals[b].sum - p.totals[a].sum) })
	var b strings.Builder
	fmt.Fprintf(&b, "%-34s %8s %10s %7s %10s %10s\n", "what", "times", "seconds", "share", "mean ms", "longest ms")
	for _, n := range names {
		t, name := p.totals[n], n.name
		if n.track == dataTrack {
			name += " (beside it)"
		}
		ms := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
		fmt.Fprintf(&b, "%-34s %8d %10.3f %6.1f%% %10.3f %10.3f\n",
			name, t.count, t.sum.Seconds(), 100*t.sum.Seconds()/whole.Seconds(), ms(t.sum)/float64(t.count), ms(t.longest))
	}
	fmt.Fprintf(&b, "%-34s %8s %10.3f\n", "in all", "", whole.Seconds())
	return b.String()
}

// Profile reads the summary of a run that was trained with [Options.Profile].
func Profile(run string) (string, error) {
	raw, err := readFile(filepath.Join(run, summaryName))
	return string(raw), err
}
