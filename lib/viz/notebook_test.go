//go:build unix

package viz

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

const cellVar = "GENLAB_VIZ_TEST_CELL"

// TestMain lets the test binary play a notebook's cell: gonbui looks for its kernel when a program starts.
func TestMain(m *testing.M) {
	if os.Getenv(cellVar) == "" {
		os.Exit(m.Run())
	}
	if err := cell(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func cell() error {
	if err := Show(Grid(discs(1, 8), 1)); err != nil {
		return err
	}
	var live Live
	for n := 1; n <= 5; n++ {
		if err := live.Update(func() image.Image { return Grid(discs(n, 8), 5) }); err != nil {
			return err
		}
	}
	if err := live.Close(); err != nil {
		return err
	}
	if err := live.Close(); err != nil { // nothing more to show
		return err
	}
	if Show(Grid(Images{}, 1)) == nil {
		return errors.New("an error's picture was shown")
	}
	return nil
}

// TestNotebook plays GoNB's kernel at the other end of the cell's pipes.
func TestNotebook(t *testing.T) {
	dir := t.TempDir()
	out, back := filepath.Join(dir, "out"), filepath.Join(dir, "back")
	for _, p := range []string{out, back} {
		if err := syscall.Mkfifo(p, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), cellVar+"=1", protocol.GONB_PIPE_ENV+"="+out, protocol.GONB_PIPE_BACK_ENV+"="+back)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()

	messages, err := serve(out, back)
	if waitErr := cmd.Wait(); waitErr != nil || err != nil {
		t.Fatalf("cell: %v, kernel: %v\n%s", waitErr, err, stderr.String())
	}
	if len(messages) != 3 {
		t.Fatalf("%d pictures, want 3: one shown, a live one's first and last state", len(messages))
	}
	for i, images := range []int{1, 1, 5} {
		data, _ := messages[i].Data[protocol.MIMEImagePNG].([]byte)
		got, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if want := Grid(discs(images, 8), 5).Bounds().Size(); got.Bounds().Size() != want {
			t.Errorf("picture %d: size %v, want %v", i, got.Bounds().Size(), want)
		}
	}
	if messages[0].DisplayID != "" || messages[1].DisplayID == "" || messages[2].DisplayID != messages[1].DisplayID {
		t.Errorf("display ids %q, %q, %q", messages[0].DisplayID, messages[1].DisplayID, messages[2].DisplayID)
	}
}

// serve reads what the cell displays until it ends, and answers its requests to sync.
func serve(out, back string) (shown []*protocol.DisplayData, err error) {
	reader, err := os.Open(out)
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	writer, err := os.OpenFile(back, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = writer.Close() }()
	decoder, encoder := gob.NewDecoder(reader), gob.NewEncoder(writer)
	for {
		msg := &protocol.DisplayData{}
		if err := decoder.Decode(msg); errors.Is(err, io.EOF) {
			return shown, nil
		} else if err != nil {
			return shown, err
		}
		if req, ok := msg.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
			ack := &protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: req.Value}
			if err := encoder.Encode(ack); err != nil {
				return shown, err
			}
			continue
		}
		shown = append(shown, msg)
	}
}
