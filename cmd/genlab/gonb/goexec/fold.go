//go:build gonb

// This file joins GoNB's own when the Makefile builds the kernel.

package goexec

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"regexp"

	"github.com/janpfeifer/gonb/internal/kernel"
)

// folded passes on what a cell's program writes to stderr, and keeps the trace of a panic back.
type folded struct {
	io.Writer
	line  []byte // begun, and maybe the first of a trace
	trace []byte
}

var (
	traceBegin = []byte("goroutine ")
	traceLine  = regexp.MustCompile(`^goroutine \d+ .*\[.*\]:\n`)
	colours    = regexp.MustCompile("\033\\[[0-9;]*m")
)

// Write gets pieces that may end anywhere: a line that can still become a trace's first waits for its end.
func (f *folded) Write(p []byte) (int, error) {
	var pass []byte
	for _, line := range bytes.SplitAfter(append(f.line, p...), []byte("\n")) {
		f.line = nil
		waits := bytes.HasPrefix(line, traceBegin) || bytes.HasPrefix(traceBegin, line)
		switch {
		case f.trace != nil || traceLine.Match(line):
			f.trace = append(f.trace, line...)
		case waits && !bytes.HasSuffix(line, []byte("\n")):
			f.line = line
		default:
			pass = append(pass, line...)
		}
	}
	if len(pass) == 0 {
		return len(p), nil
	}
	_, err := f.Writer.Write(pass)
	return len(p), err
}

// showFolded shows the trace that was kept back, if there is one, to be opened.
func showFolded(stderr io.Writer, msg kernel.Message) {
	mapper, ok := stderr.(*jupyterStackTraceMapperWriter)
	if !ok {
		return
	}
	f, ok := mapper.jupyterWriter.(*folded)
	if !ok {
		return
	}
	if len(f.line) > 0 {
		_, _ = f.Writer.Write(f.line)
	}
	if f.trace != nil {
		text := html.EscapeString(string(colours.ReplaceAll(f.trace, nil)))
		_ = kernel.PublishHtml(msg, fmt.Sprintf("<details><summary>where it happened</summary><pre>%s</pre></details>", text))
	}
}
