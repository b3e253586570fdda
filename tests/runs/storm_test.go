package runs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"genlab/lib/command/commandtest"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// stormed are the trainings of the command that TestStorm kills, as small as they come; DIGITS, PICTURES and TEXT stand for files that the
// test makes.
var stormed = map[string]string{
	"vae":        "--preset tiny --data DIGITS --batch 20 --epochs 3",
	"classifier": "--data DIGITS --batch 50 --epochs 2",
	"dcgan":      "--preset tiny --data PICTURES --batch 8 --epochs 3",
	"gpt":        "--preset tiny --text TEXT --steps 10 --warm-up 5 --epochs 3",
	"lstm":       "--preset tiny --data TEXT --batch 4 --epochs 3",
	"bert":       "--preset tiny --text TEXT --vocab 200 --steps 5 --warm-up 5 --epochs 3",
	"translator": "--preset tiny --pairs 200 --held-out 20 --epochs 2",
	"pixelcnn":   "--preset tiny --data DIGITS --batch 50 --warm-up 2 --epochs 2",
	"pixelrnn":   "--preset tiny --data DIGITS --batch 50 --warm-up 2 --epochs 2",
	"vit":        "--preset tiny --size 28 --data DIGITS --batch 50 --warm-up 2 --epochs 2",
	"wavenet":    "--preset tiny --epochs 1",
}

// TestStorm kills trainings at random moments and starts them again, until they end: their run folders are then those of undisturbed
// ones, and nothing else is left in them. All models are tried with GENLAB_FULL=1 (make storm), KILLS times each.
func TestStorm(t *testing.T) {
	kills, names := 3, []string{"vae"}
	if os.Getenv("GENLAB_FULL") != "" {
		kills, names = 20, nil
		for name := range stormed {
			names = append(names, name)
		}
		if n := os.Getenv("KILLS"); n != "" {
			var err error
			if kills, err = strconv.Atoi(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := t.TempDir()
	command := filepath.Join(dir, "genlab")
	if out, err := exec.Command("go", "build", "-o", command, "genlab/cmd/genlab").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files := makeFiles(t, dir)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"train", name, "--checkpoint-every", "1ms"}, strings.Fields(files.Replace(stormed[name]))...)
			undisturbed, killed := filepath.Join(dir, name, "undisturbed"), filepath.Join(dir, name, "killed")
			began := time.Now()
			if out, err := exec.Command(command, append(args, "--run", undisturbed)...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			whole := time.Since(began)
			seed := uint64(time.Now().UnixNano())
			rng := rand.New(rand.NewPCG(seed, 0))
			hit := 0
			for range kills {
				if endsBefore(t, exec.Command(command, append(args, "--run", killed)...), time.Duration(rng.Float64()*float64(whole))) {
					break
				}
				hit++
			}
			if out, err := exec.Command(command, append(args, "--run", killed)...).CombinedOutput(); err != nil {
				t.Fatalf("seed %d, after %d kills: %v\n%s", seed, hit, err, out)
			}
			want, got := contents(t, undisturbed), contents(t, killed)
			for file, text := range want {
				if got[file] != text {
					t.Errorf("seed %d: %s differs from that of an undisturbed run after %d kills", seed, file, hit)
				}
			}
			for file := range got {
				if _, ok := want[file]; !ok {
					t.Errorf("seed %d: %s is left, which an undisturbed run hasn't", seed, file)
				}
			}
			left, err := filepath.Glob(filepath.Join(killed, "checkpoints", ".*"))
			if err != nil || len(left) > 0 {
				t.Errorf("seed %d: %v are left, %v", seed, left, err)
			}
			t.Logf("killed %d times, %.1f s undisturbed", hit, whole.Seconds())
		})
	}
}

// endsBefore runs a command and kills it after some time, unless it has ended, which must be well, before.
func endsBefore(t *testing.T, cmd *exec.Cmd, after time.Duration) bool {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may have ended
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return true
	case errors.As(err, &exit) && exit.ExitCode() == -1: // by a signal
		return false
	}
	t.Fatalf("%v\n%s", err, out.String())
	return false
}

// makeFiles writes what the trainings read; the replacer puts their paths in the place of names.
func makeFiles(t *testing.T, dir string) *strings.Replacer {
	t.Helper()
	write := func(path string, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	digits, text := filepath.Join(dir, "digits"), filepath.Join(dir, "text.txt")
	if err := os.Mkdir(digits, 0o700); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for part, n := range map[string]int{"train": 200, "t10k": 40} {
		images, labels := []byte{0, 0, 8, 3}, []byte{0, 0, 8, 1}
		for _, d := range []int{n, 28, 28} {
			images = binary.BigEndian.AppendUint32(images, uint32(d))
		}
		labels = binary.BigEndian.AppendUint32(labels, uint32(n))
		for i := range n {
			for range 28 * 28 {
				images = append(images, byte(rng.IntN(256)))
			}
			labels = append(labels, byte(i%10))
		}
		write(filepath.Join(digits, part+"-images-idx3-ubyte"), images)
		write(filepath.Join(digits, part+"-labels-idx1-ubyte"), labels)
	}
	var b strings.Builder
	for range 3000 {
		b.WriteString([]string{"light ", "ray ", "glass ", "colour ", "red. ", "blue, ", "the ", "of "}[rng.IntN(8)])
	}
	write(text, []byte(b.String()))
	return strings.NewReplacer("DIGITS", digits, "PICTURES", commandtest.Pictures(t, 24, 32), "TEXT", text)
}
