//go:build gonb

// This file joins GoNB's own when the Makefile builds the kernel.

package jpyexec

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/janpfeifer/gonb/internal/child"
)

var errInput = errors.New(`this cell reads standard input, and there is none: write the value into the cell, or ask for it before the read ` +
	`with gonbui.RequestInput("What is it?", false) of github.com/janpfeifer/gonb/gonbui`)

// openStdin gives the program its standard input. Where nobody would ever write into it, a line for the shell finds it empty, and a
// cell's program finds a bait there: whoever takes that waits for more, for ever.
func (exec *Executor) openStdin() (io.WriteCloser, error) {
	content, _ := exec.Msg.ComposedMsg().Content.(map[string]any)
	mayAsk, _ := content["allow_stdin"].(bool)
	switch {
	case exec.stdinContent != nil,
		mayAsk && exec.millisecondsToInput > 0,
		mayAsk && exec.useNamedPipes && asks(exec.command):
		return exec.cmd.StdinPipe()
	case !exec.useNamedPipes:
		return nobody{}, nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	// What reads a line, a word, a number or all goes on waiting after it: no program does anything with it.
	const endOfTransmission = 4
	if _, err := w.Write([]byte{endOfTransmission}); err != nil {
		return nil, errors.Join(err, r.Close(), w.Close())
	}
	exec.cmd.Stdin = r
	b := &bait{r: r, w: w}
	go func() {
		for tick := time.Tick(50 * time.Millisecond); ; {
			select {
			case <-exec.doneChan:
				return
			case <-tick:
				if b.taken() {
					_ = child.Signal(exec.cmd, syscall.SIGKILL)
					return
				}
			}
		}
	}()
	return b, nil
}

// ended is why the program has ended, which err says.
func (exec *Executor) ended(err error) error {
	if b, ok := exec.cmdStdin.(*bait); ok && b.taken() {
		return errInput
	}
	return err
}

// asks says that a program can call gonbui.RequestInput: the linker has left it in, with its name.
func asks(program string) bool {
	f, err := os.Open(program)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	text, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return false
	}
	defer func() { _ = syscall.Munmap(text) }()
	return bytes.Contains(text, []byte("gonb/gonbui.RequestInput"))
}

type bait struct{ r, w *os.File }

func (b *bait) taken() bool {
	raw, err := b.r.SyscallConn()
	if err != nil {
		return false
	}
	taken := false
	return raw.Control(func(fd uintptr) {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		taken = err == nil && n == 0
	}) == nil && taken
}

func (b *bait) Write(p []byte) (int, error) { return b.w.Write(p) }
func (b *bait) Close() error                { return errors.Join(b.r.Close(), b.w.Close()) }

// nobody reads what is written.
type nobody struct{}

func (nobody) Write([]byte) (int, error) { return 0, os.ErrClosed }
func (nobody) Close() error              { return nil }
