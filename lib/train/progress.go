package train

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// Progress is where a training stands.
type Progress struct {
	Run           string
	Step, Steps   int // done, in all
	Epoch, Epochs int // the epoch counts from 1
	Rate          float64
	Left          time.Duration
	Metrics       []Metric
	Done          bool // the last one of this call: finished, interrupted or failed
}

// String is the progress in one line.
func (p Progress) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "epoch %d/%d  step %d/%d", p.Epoch, p.Epochs, p.Step, p.Steps)
	if p.Rate > 0 {
		fmt.Fprintf(&b, "  %.0f steps/s  %s left", p.Rate, p.Left.Round(time.Second))
	}
	for _, m := range p.Metrics {
		fmt.Fprintf(&b, "  %s %.4f", m.Name, m.Value)
	}
	return b.String()
}

// printer writes progress to a file: one live line in a terminal, a line now and then anywhere else.
type printer struct {
	out      io.Writer
	live     bool
	interval time.Duration // between lines of a log
	last     time.Time
}

func newPrinter(f *os.File) *printer {
	return &printer{out: f, live: term.IsTerminal(int(f.Fd())), interval: 15 * time.Second, last: time.Now()}
}

func (p *printer) show(at Progress) {
	if p.live {
		fmt.Fprintf(p.out, "\r\x1b[K%s", at)
		if at.Done {
			fmt.Fprintln(p.out)
		}
		return
	}
	if at.Done || time.Since(p.last) >= p.interval {
		p.last = time.Now()
		fmt.Fprintln(p.out, at)
	}
}

// note writes a line of its own.
func (p *printer) note(line string) {
	if p.live {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	fmt.Fprintln(p.out, line)
}
