// Command gonb copies the source of GoNB, the notebooks' kernel, and changes what needs mending. The Makefile builds the kernel from that:
//
//	go run ./cmd/genlab/gonb FROM TO
//
// FROM is the directory of GoNB's module; TO is made anew.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// added are files of ours that join GoNB's packages of the same names, or are packages of their own.
var added = []string{
	"child/child.go", "child/end_linux.go", "child/end_other.go", "goexec/command.go", "goexec/fold.go", "goexec/special.go",
	"jpyexec/stdin.go", "kernel/interrupt.go",
}

// edits are what changes, each in one place. docs/notebooks.md has them as a user sees them.
var edits = []struct{ file, old, new string }{
	// A page's kernel_info_request waits for the running cell: JupyterLab, loaded again during a training, would not open the notebook
	// before its end.
	{"internal/dispatcher/dispatcher.go", "\n\t\"kernel_info_request\",\n", "\n"},
	{
		"internal/dispatcher/dispatcher.go", "\t\tcase \"is_complete_request\":\n",
		"\t\tcase \"kernel_info_request\":\n\t\t\tgo func() { _ = handleBusyMessage(msg, goExec) }()\n\n\t\tcase \"is_complete_request\":\n",
	},

	// A page asks once to be connected, which is lost while Jupyter doesn't yet listen to the kernel for it, and has half a second for the
	// answer, 3 for all: panels stay still. It asks again, and has 10 seconds.
	{"internal/comms/comms.go", "HeartbeatTimeout          = 500 * time.Millisecond", "HeartbeatTimeout          = 2 * time.Second"},
	{"internal/comms/comms.go", "WaitForConnectionTimeout = 3 * time.Second", "WaitForConnectionTimeout = 10 * time.Second"},
	{"internal/websocket/websocket.js", "500, // milliseconds", "10000, // milliseconds"},
	{
		"internal/websocket/websocket.js", "await this._wait_open_ack();",
		"const again = setInterval(() => this._send(msg), 500); await this._wait_open_ack().finally(() => clearInterval(again));",
	},

	// A panic's trace is folded away below its message.
	{"internal/goexec/execcode.go", "kernel.NewJupyterStreamWriter(msg, stream),\n\t\tmainPath:", "&folded{Writer: kernel.NewJupyterStreamWriter(msg, stream)},\n\t\tmainPath:"},
	{
		"internal/goexec/execcode.go", "\tif exitErr := jpyExec.ExitError()",
		"\tshowFolded(stderrWithAnnotator, msg)\n\tif exitErr := jpyExec.ExitError()",
	},

	// Lines that begin with ! or % within Go code are Go.
	{
		"internal/specialcmd/specialcmd.go", "for lineNum, line := range codeLines {\n\t\tif usedLines.Has(lineNum) {",
		"special := goexec.SpecialLines(codeLines)\n\tfor lineNum, line := range codeLines {\n\t\tif usedLines.Has(lineNum) || !special[lineNum] {",
	},
	{
		"internal/goexec/composer.go", "\t\ttrimmedLine := TrimGonbCommentPrefix(line)\n",
		"\t\ttrimmedLine := \"\"\n\t\tif skipLines.Has(ii) {\n\t\t\ttrimmedLine = TrimGonbCommentPrefix(line)\n\t\t}\n",
	},

	// Standard input, where nobody writes, ends a cell that reads it; it would wait for ever, and all cells behind it.
	{"internal/jpyexec/jpyexec.go", "exec.cmdStdin, err = cmd.StdinPipe()", "exec.cmdStdin, err = exec.openStdin()"},
	{"internal/jpyexec/jpyexec.go", "exec.exitError = cmd.Wait()", "exec.exitError = exec.ended(cmd.Wait())"},

	// An interrupt counts from a request's arrival on. A program gets it with those that it has started, and the second as well.
	{"internal/kernel/kernel.go", "func (k *Kernel) CallInterruptSubscribers() {\n", "func (k *Kernel) CallInterruptSubscribers() {\n\tinterrupt()\n"},
	{"internal/dispatcher/dispatcher.go", "\tgoExec *goexec.State\n}", "\tgoExec *goexec.State\n\tarrived int\n}"},
	{"internal/dispatcher/dispatcher.go", "&shellMsgParams{msg: msg, goExec: goExec}", "&shellMsgParams{msg, goExec, kernel.Arrived()}"},
	{
		"internal/dispatcher/dispatcher.go", "\t\t\t\terr := handleBusyMessage(params.msg",
		"\t\t\t\tkernel.Begin(params.arrived)\n\t\t\t\terr := handleBusyMessage(params.msg",
	},
	{
		"internal/dispatcher/dispatcher.go", "if executionErr == nil && !msg.Kernel().Interrupted.Load() && hasMoreToRun {",
		"if executionErr == nil && kernel.Interrupted() {\n\t\t\texecutionErr = kernel.ErrInterrupted\n\t\t}\n\t\tif executionErr == nil && hasMoreToRun {",
	},
	{
		"internal/dispatcher/dispatcher.go", "\t// Final execution result.\n",
		"\tif errors.Is(executionErr, kernel.ErrInterrupted) {\n\t\texecutionErr = kernel.ErrInterrupted\n\t}\n\n\t// Final execution result.\n",
	},
	{"internal/goexec/execcode.go", "cmd := exec.Command(\"go\", args...)", "cmd := command(\"go\", args...)"},
	{"internal/goexec/execcode.go", "cmd = exec.Command(\"go\", args...)", "cmd = command(\"go\", args...)"},
	{"internal/goexec/execcode.go", "exec.Command(goimportsPath,", "command(goimportsPath,"},
	{
		"internal/goexec/errorpublish.go", "\tnbErr := newGonbErrors(s, fileToCellIdAndLine, errorMsg, err)\n",
		"\tif kernel.Interrupted() {\n\t\treturn kernel.ErrInterrupted\n\t}\n\tnbErr := newGonbErrors(s, fileToCellIdAndLine, errorMsg, err)\n",
	},
	{
		"internal/jpyexec/jpyexec.go", "\tklog.Infof(\"Executing: %s %v\", exec.command, exec.args)\n",
		"\tif kernel.Interrupted() {\n\t\treturn kernel.ErrInterrupted\n\t}\n\tklog.Infof(\"Executing: %s %v\", exec.command, exec.args)\n",
	},
	{
		"internal/jpyexec/jpyexec.go", "err := cmd.Process.Signal(os.Interrupt)\n\t\texec.Msg.Kernel().UnsubscribeInterrupt(interruptId)\n",
		"err := child.Signal(cmd, kernel.Signal())\n",
	},
	{"internal/dispatcher/dispatcher.go", "\tmsg.Kernel().CallInterruptSubscribers() // ", "\tkernel.End()\n\tmsg.Kernel().CallInterruptSubscribers() // "},
	{
		"internal/kernel/kernel.go", "\t\t\t\t\tk.Interrupted.Store(true)\n",
		"\t\t\t\t\tif sig != os.Interrupt {\n\t\t\t\t\t\tEnd()\n\t\t\t\t\t}\n\t\t\t\t\tk.Interrupted.Store(true)\n",
	},
	{"internal/jpyexec/jpyexec.go", "var WaitToKill = 5 * time.Second", "var WaitToKill = time.Minute // a training saves"},
	{"internal/jpyexec/jpyexec.go", "err = cmd.Process.Kill()", "err = child.Signal(cmd, syscall.SIGKILL)"},
	{
		"internal/jpyexec/jpyexec.go", "\tif exec.stdinContent != nil {\n\t\texec.handleStaticInput()",
		"\tif kernel.Interrupted() { // before the line above\n\t\t_ = child.Signal(cmd, syscall.SIGINT)\n\t}\n\n\tif exec.stdinContent != nil {\n\t\texec.handleStaticInput()",
	},

	{"internal/kernel/kernel.go", "\tclose(k.stop)\n", "\tif !stopping.CompareAndSwap(false, true) {\n\t\treturn\n\t}\n\tclose(k.stop)\n"},

	// What GoNB starts ends with it, and all its files are in the folder that `genlab kernel run` has made for them.
	{"internal/jpyexec/jpyexec.go", "\texec.cmd = cmd\n", "\texec.cmd = cmd\n\tchild.Own(cmd, syscall.SIGTERM)\n"},
	{"internal/jpyexec/jpyexec.go", "\t\"os\"\n\tosexec \"os/exec\"\n", "\tosexec \"os/exec\"\n\t\"syscall\"\n\t\"github.com/janpfeifer/gonb/internal/child\"\n"},
	{"internal/jpyexec/namedpipes.go", "os.CreateTemp(exec.dir, ", "os.CreateTemp(os.Getenv(protocol.GONB_TMP_DIR_ENV), "},
	{"internal/goexec/goplsclient/exec_unix.go", "cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: 0}", "child.Own(cmd, syscall.SIGKILL)"},
	{"internal/goexec/goplsclient/exec_unix.go", "\t\"syscall\"\n", "\t\"syscall\"\n\t\"github.com/janpfeifer/gonb/internal/child\"\n"},
	{
		"internal/goexec/goexec.go", "s.TempDir = path.Join(os.TempDir(), s.Package)\n\terr := os.Mkdir(",
		"s.TempDir = os.Getenv(protocol.GONB_TMP_DIR_ENV)\n\terr := os.MkdirAll(",
	},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gonb FROM TO")
		os.Exit(2)
	}
	if err := mend(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gonb:", err)
		os.Exit(1)
	}
}

// mend makes the changed copy. It is whole or not there: a build that is cut off is made up for by the next.
func mend(from, to string) error {
	made := to + ".new"
	if err := errors.Join(os.RemoveAll(made), os.RemoveAll(to)); err != nil {
		return err
	}
	if err := os.CopyFS(made, os.DirFS(from)); err != nil {
		return err
	}
	for _, e := range edits {
		path := filepath.Join(made, e.file)
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := strings.Count(string(raw), e.old); n != 1 {
			return fmt.Errorf("%s of %s has %q %d times, not once: see whether GoNB has mended it, and adapt edits", e.file, from, e.old, n)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(raw), e.old, e.new, 1)), 0o644); err != nil {
			return err
		}
	}
	for _, file := range added {
		ours, err := os.ReadFile(filepath.Join("cmd/genlab/gonb", file))
		if err != nil {
			return err
		}
		path := filepath.Join(made, "internal", file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, ours, 0o644); err != nil {
			return err
		}
	}
	return os.Rename(made, to)
}
