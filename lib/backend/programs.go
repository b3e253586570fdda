//go:build linux && cgo

package backend

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
)

// ProgramsEnv is the absolute path of the folder of compiled programs, which must be the user's own, or "off". Without it they lie beside
// the folder that plugins are installed into.
const ProgramsEnv = "GENLAB_PROGRAMS"

// programs is a folder of compiled programs: what XLA made of a graph, so that the next process which builds the same one need not
// compile it. A file is named after everything that its content depends on, and begins with its content's checksum.
type programs struct {
	dir   string
	same  string        // for all programs of this process: plugin, processor, XLA's flags
	worth time.Duration // of compiling: less is not worth a file
	limit int64         // of all files' bytes; the least recently used go first
}

// newPrograms is for the plugin that is about to be loaded; nil where nothing is to be kept.
func newPrograms(plugin Plugin) *programs {
	dir, err := plugin.Programs()
	if err != nil || os.MkdirAll(dir, 0o700) != nil || !ownFolder(dir) {
		return nil
	}
	info, err := os.Stat(plugin.Path)
	if err != nil {
		return nil
	}
	device := processor()
	if plugin.IsCUDA() {
		device = plugin.gpus()
	}
	return &programs{dir: dir, worth: 50 * time.Millisecond, limit: 1 << 30, same: strings.Join([]string{
		filepath.Base(plugin.Path), strconv.FormatInt(info.Size(), 10), info.ModTime().String(), device, os.Getenv(tf32Env),
		// XLA compiles for a number of threads.
		strconv.Itoa(runtime.NumCPU()), os.Getenv("NPROC"), os.Getenv("XLA_FLAGS"), fmt.Sprint(plugin.clientOptions()),
	}, "\n")}
}

// Programs is the folder in which what the plugin compiles is kept; the error says why nothing is.
func (p Plugin) Programs() (string, error) {
	dir, flags := os.Getenv(ProgramsEnv), os.Getenv("XLA_FLAGS")
	switch {
	case dir == "off":
		return "", fmt.Errorf("%s is off", ProgramsEnv)
	case dir != "" && !filepath.IsAbs(dir):
		return "", fmt.Errorf(`%s is %q: it must be an absolute path, or "off"`, ProgramsEnv, dir)
	case p.IsCUDA() && p.gpus() == "", !p.IsCUDA() && p.Name != "cpu": // the name of a file would not tell enough
		return "", errors.New("kept for CPUs, and for GPUs whose driver says which they are")
	case strings.Contains(flags+os.Getenv("XLA_DEBUG_OPTIONS"), "dump"):
		return "", errors.New("XLA's flags ask it to show how it compiles")
	case flags != "" && !strings.HasPrefix(flags, "-"):
		return "", errors.New("XLA_FLAGS names a file, which may change")
	case dir != "":
		return dir, nil
	}
	plugins, err := InstallDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(plugins), "programs"), nil
}

var processorLine = regexp.MustCompile(`(?m)^(model name|flags|Features).*`)

// processor names what XLA compiles for: the model and its instruction sets.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // there is none: then the architecture alone tells
	lines := processorLine.FindAllString(string(text), -1)
	slices.Sort(lines)
	return runtime.GOARCH + "\n" + strings.Join(slices.Compact(lines), "\n")
}

// gpus names what XLA compiles for: NVIDIA's cards, driver and libraries; "" where the driver doesn't say.
func (p Plugin) gpus() string {
	version, err := os.ReadFile("/proc/driver/nvidia/version")
	cards, _ := filepath.Glob("/proc/driver/nvidia/gpus/*/information") // a valid pattern
	libraries, errLibraries := os.Stat(filepath.Join(filepath.Dir(filepath.Dir(p.Path)), "nvidia"))
	if err != nil || errLibraries != nil || len(cards) == 0 {
		return ""
	}
	text := string(version) + libraries.ModTime().String()
	for _, card := range cards {
		information, err := os.ReadFile(card)
		if err != nil {
			return ""
		}
		text += gpuLine.FindString(string(information))
	}
	return text
}

var gpuLine = regexp.MustCompile(`(?m)^Model:.*`)

// key is a program's file name.
func (p *programs) key(code, options []byte) string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(p.same), options, code} {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// load returns a whole program, or nil.
func (p *programs) load(key string) []byte {
	path := filepath.Join(p.dir, key)
	text, err := files.Read(path, p.limit)
	if err != nil || len(text) < sha256.Size {
		return nil
	}
	sum := sha256.Sum256(text[sha256.Size:])
	if !slices.Equal(sum[:], text[:sha256.Size]) {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // in use: the oldest go first
	return text[sha256.Size:]
}

// store keeps a program. What can't be written is compiled again the next time.
func (p *programs) store(key string, program []byte) {
	sum := sha256.Sum256(program)
	f, err := renameio.NewPendingFile(filepath.Join(p.dir, key), renameio.WithTempDir(p.dir), renameio.WithPermissions(0o600)) // it will be executed
	if err != nil {
		return
	}
	defer func() { _ = f.Cleanup() }() // nothing to do after the replacing
	files.Claim(f.File)
	if _, err := f.Write(append(sum[:], program...)); err == nil && f.CloseAtomicallyReplace() == nil {
		p.shrink()
	}
}

// unfinishedProgram is what a killed process left of a program.
var unfinishedProgram = regexp.MustCompile(`^\.[0-9a-f]{32}[0-9]+$`)

var programName = regexp.MustCompile(`^[0-9a-f]{32}$`)

// shrink removes the least recently used programs until the others keep within the limit.
func (p *programs) shrink() {
	files.Sweep(p.dir, unfinishedProgram)
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return
	}
	var all []fs.FileInfo
	total := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && programName.MatchString(e.Name()) {
			all = append(all, info)
			total += info.Size()
		}
	}
	slices.SortFunc(all, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range all {
		if total <= p.limit {
			return
		}
		if os.Remove(filepath.Join(p.dir, f.Name())) == nil {
			total -= f.Size()
		}
	}
}

// ownFolder says whether nobody else can put a file there, for what lies in it is executed.
func ownFolder(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode()&0o022 != 0 {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Getuid()
}
