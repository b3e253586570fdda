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

// fold is a file of ours that joins GoNB's package of the same name.
const fold = "goexec/fold.go"

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
	ours, err := os.ReadFile(filepath.Join("cmd/genlab/gonb", fold))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(made, "internal", fold), ours, 0o644); err != nil {
		return err
	}
	return os.Rename(made, to)
}
