package backend

import (
	"archive/zip"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"genlab/lib/wheel"
)

// locks pin the wheels by version and hash.
//
//go:embed locks/*.txt
var locks embed.FS

// Source is where a plugin is installed from.
type Source string

// The sources of plugins.
const (
	CPUWheel  Source = "cpu"     // XLA for the CPU, from a wheel pinned by hash
	CUDAWheel Source = "cuda"    // XLA for NVIDIA GPUs and NVIDIA's libraries, from wheels pinned by hash
	Release   Source = "release" // XLA for the CPU, from go-xla's own releases
)

// Install puts the source's plugin into dir, unless it is there and whole, and tells log what it does. It may be
// killed at any moment and run again.
func Install(ctx context.Context, source Source, dir string, log func(string)) (Plugin, error) {
	p := Plugin{Name: "cpu", Path: filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")}
	if source == CUDAWheel {
		p = Plugin{Name: "cuda", Path: filepath.Join(dir, "cuda", "pjrt_c_api_cuda_plugin.so")}
	}
	if err := os.MkdirAll(filepath.Dir(p.Path), 0o755); err != nil {
		return p, fmt.Errorf("installing the XLA plugin: %w", err)
	}
	unlock, err := lockDir(ctx, dir, log)
	if err != nil {
		return p, fmt.Errorf("installing the XLA plugin: %w", err)
	}
	defer unlock()
	if err := install(ctx, source, dir, p, log); err != nil {
		return p, fmt.Errorf("installing the XLA plugin into %s: %w", dir, err)
	}
	return p, p.Check()
}

func lockDir(ctx context.Context, dir string, log func(string)) (unlock func(), err error) {
	l := flock.New(filepath.Join(dir, ".lock"))
	ok, err := l.TryLock()
	if err != nil {
		return nil, err
	}
	if !ok {
		log("waiting for another installation to end")
		if _, err := l.TryLockContext(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return func() { _ = l.Unlock() }, nil
}

func install(ctx context.Context, source Source, dir string, p Plugin, log func(string)) error {
	if source == Release {
		return installRelease(dir, p, log)
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("the wheel is for linux/amd64 and this is %s/%s: take go-xla's own release with %s --release",
			runtime.GOOS, runtime.GOARCH, SetupCommand)
	}
	lock, err := locks.ReadFile("locks/" + string(source) + ".txt")
	if err != nil {
		return err
	}
	pins := pinned(string(lock))
	m, err := p.Manifest()
	if err == nil && m != nil && m.Source == pins[0].name && m.Version == pins[0].version && p.Verify() == nil {
		if source == CPUWheel || dirExists(filepath.Join(dir, "nvidia")) {
			log(fmt.Sprintf("%s %s is there and whole", m.Source, m.Version))
			if info, err := os.Stat(p.Path); err == nil && m.ModTime.Equal(info.ModTime()) {
				return nil
			}
			return p.writeManifest(m.Source, m.Version) // a copied file has another time
		}
	}

	// What killed installations left; the lock says that they are over.
	old, _ := filepath.Glob(filepath.Join(wheel.GlobEscape(dir), ".download-*"))
	for _, o := range old {
		_ = os.RemoveAll(o)
	}
	tmp, err := os.MkdirTemp(dir, ".download-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()

	log(fmt.Sprintf("downloading %s %s", pins[0].name, pins[0].version))
	wheels, err := download(ctx, tmp, lock)
	if err != nil {
		return err
	}
	log("unpacking")
	nvidia := filepath.Join(tmp, "nvidia")
	plugin := filepath.Join(tmp, "plugin.so")
	for _, w := range wheels {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := unpack(w, plugin, nvidia); err != nil {
			return fmt.Errorf("unpacking %s: %w", filepath.Base(w), err)
		}
	}
	if source == CUDAWheel {
		at := filepath.Join(dir, "nvidia")
		if err := os.RemoveAll(at); err != nil {
			return err
		}
		if err := os.Rename(nvidia, at); err != nil {
			return err
		}
	}
	// The manifest last: without it, or with another's, the next installation begins again.
	if err := os.Remove(p.manifestPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(plugin, p.Path); err != nil {
		return err
	}
	return p.writeManifest(pins[0].name, pins[0].version)
}

type pin struct{ name, version string }

var pinLine = regexp.MustCompile(`(?m)^([A-Za-z0-9._-]+)==(\S+)`)

// pinned lists the packages of a lock file, the plugin's own first.
func pinned(lock string) []pin {
	var pins []pin
	for _, m := range pinLine.FindAllStringSubmatch(lock, -1) {
		pins = append(pins, pin{m[1], m[2]})
	}
	return pins
}

// download has pip fetch the wheels of a lock file, also a checkout's own pip, and returns their paths.
func download(ctx context.Context, tmp string, lock []byte) ([]string, error) {
	var others []string
	for _, checkout := range Checkouts() {
		others = append(others, filepath.Join(checkout, ".venv", "bin", "python"))
	}
	wheels, err := wheel.Download(ctx, tmp, lock, others...)
	if errors.Is(err, wheel.ErrNoPip) {
		return nil, fmt.Errorf("%w, or take go-xla's own release with %s --release", err, SetupCommand)
	}
	return wheels, err
}

// unpack takes from a wheel the plugin's library, and NVIDIA's folder.
func unpack(path, plugin, nvidia string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { _ = z.Close() }()
	for _, f := range z.File {
		name := f.Name
		switch {
		case strings.HasSuffix(name, "/") || !filepath.IsLocal(name):
			continue
		case strings.HasSuffix(name, "/xla_cuda_plugin.so") || pluginFile.MatchString(filepath.Base(name)):
			err = wheel.Extract(f, plugin)
		case strings.HasPrefix(name, "nvidia/"):
			err = wheel.Extract(f, filepath.Join(nvidia, strings.TrimPrefix(name, "nvidia/")))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// InstallDir is where plugins are installed: the checkout around the working folder, else the user's cache.
func InstallDir() (string, error) {
	if wd, err := os.Getwd(); err == nil {
		if root, ok := checkoutAround(wd); ok {
			return filepath.Join(root, ".cache", "pjrt"), nil
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder to install the XLA plugin into: %w", err)
	}
	return filepath.Join(cache, "genlab", "pjrt"), nil
}

func dirExists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
