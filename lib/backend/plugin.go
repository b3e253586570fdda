package backend

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Plugin is a PJRT plugin file: XLA's compiler and runtime for one kind of device.
type Plugin struct {
	Name string // "cpu" or "cuda", maybe with a version after it
	Path string // absolute
}

// pluginPathEnv names the only folders in which to look for plugins, when it is set.
const pluginPathEnv = "PJRT_PLUGIN_LIBRARY_PATH"

// pluginFile matches the names by which PJRT plugins are found.
var pluginFile = regexp.MustCompile(`^pjrt_c_api_(.+)_plugin\.(so|dylib|dll)$`)

// Plugins lists the plugin files there are, best first: CUDA before CPU, then by folder: those of
// PJRT_PLUGIN_LIBRARY_PATH alone when it is set, else the checkout's .cache/pjrt, the user's cache, and where
// go-xla's own installer puts them. A file listed may still be broken: see [Plugin.Check].
func Plugins() []Plugin {
	var found []Plugin
	for _, dir := range searchDirs() {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		var here []Plugin
		for _, e := range entries {
			if m := pluginFile.FindStringSubmatch(e.Name()); m != nil {
				name, _, _ := strings.Cut(m[1], "_v") // go-xla's releases are called cpu_v0.114.0
				here = append(here, Plugin{Name: name, Path: filepath.Join(dir, e.Name())})
			}
		}
		// The plain name before those with a version.
		slices.SortStableFunc(here, func(a, b Plugin) int { return len(a.Path) - len(b.Path) })
		found = append(found, here...)
	}
	slices.SortStableFunc(found, func(a, b Plugin) int { return rank(a) - rank(b) })
	return found
}

func rank(p Plugin) int {
	switch {
	case p.IsCUDA():
		return 0
	case p.Name == "cpu":
		return 1
	}
	return 2
}

// IsCUDA says whether the plugin computes on NVIDIA GPUs.
func (p Plugin) IsCUDA() bool {
	return strings.Contains(strings.ToLower(filepath.Base(p.Path)), "cuda")
}

// HasGPU says whether an NVIDIA GPU is visible to this process.
func HasGPU() bool {
	for _, pattern := range []string{"/dev/nvidia[0-9]*", "/dev/nvidiactl", "/dev/dxg"} {
		if m, _ := filepath.Glob(pattern); len(m) > 0 {
			return true
		}
	}
	return false
}

// Check looks, without reading the whole file, whether the plugin can be loaded: a library for this machine,
// whole, and the one that was installed. A file changed since its installation is read and summed.
func (p Plugin) Check() error {
	info, err := os.Stat(p.Path)
	if err != nil {
		return p.broken("can't be read: " + err.Error())
	}
	switch {
	case info.IsDir():
		return p.broken("is a folder")
	case info.Size() == 0:
		return p.broken("is empty")
	}
	m, err := p.Manifest()
	if err != nil {
		return p.broken(err.Error())
	}
	if m != nil && m.Size != info.Size() {
		return p.broken(fmt.Sprintf("has %d bytes instead of %d", info.Size(), m.Size))
	}
	if m != nil && !m.ModTime.Equal(info.ModTime()) {
		if err := p.Verify(); err != nil {
			return err
		}
	}
	if runtime.GOOS == "linux" {
		return p.checkELF(info.Size())
	}
	return nil
}

// machines are the ELF machines of the platforms for which plugins exist.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// checkELF catches what would crash the process inside dlopen: a truncated library is mapped past its end.
func (p Plugin) checkELF(size int64) error {
	f, err := elf.Open(p.Path)
	if err != nil {
		return p.broken("is not a whole shared library: " + err.Error())
	}
	defer func() { _ = f.Close() }()
	if want, ok := machines[runtime.GOARCH]; ok && f.Machine != want {
		return p.broken(fmt.Sprintf("is made for %v, this machine is %s", f.Machine, runtime.GOARCH))
	}
	for _, s := range f.Progs {
		if s.Off+s.Filesz > uint64(size) {
			return p.broken("is truncated")
		}
	}
	return nil
}

// Verify reads the whole file and compares it with its manifest's checksum. A plugin without a manifest
// (installed by other means) passes.
func (p Plugin) Verify() error {
	m, err := p.Manifest()
	if err != nil {
		return p.broken(err.Error())
	}
	if m == nil {
		return nil
	}
	sum, err := fileSHA256(p.Path)
	if err != nil {
		return p.broken("can't be read: " + err.Error())
	}
	if sum != m.SHA256 {
		return p.broken("has changed since it was installed (checksum differs)")
	}
	return nil
}

func (p Plugin) broken(what string) error {
	hint := SetupCommand
	if p.IsCUDA() {
		hint += " --cuda"
	}
	return fmt.Errorf("XLA plugin %s %s; to mend it: %s", p.Path, what, hint)
}

func fileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// plainPath is the path under which to load the plugin. go-xla guesses the device from the whole path: a CPU
// plugin under /home/nvidia would be taken for a CUDA one. Such a plugin is loaded through a link.
func (p Plugin) plainPath() (string, error) {
	dir := strings.ToLower(filepath.Dir(p.Path))
	misread := strings.Contains(dir, "cuda") || strings.Contains(dir, "nvidia")
	link := "plugin"
	if p.IsCUDA() {
		misread = strings.Contains(dir, "cpu")
		link = "nvidia"
	}
	if !misread {
		// A comma would end the path in a backend's configuration.
		misread = strings.Contains(dir, ",")
	}
	if !misread {
		return p.Path, nil
	}
	sum := sha256.Sum256([]byte(p.Path))
	at := filepath.Join(os.TempDir(), fmt.Sprintf("genlab-%d", os.Getuid()), hex.EncodeToString(sum[:6]))
	if err := os.MkdirAll(at, 0o700); err != nil {
		return "", fmt.Errorf("linking the plugin %s: %w", p.Path, err)
	}
	at = filepath.Join(at, link)
	if err := os.Symlink(filepath.Dir(p.Path), at); err != nil && !os.IsExist(err) {
		return "", fmt.Errorf("linking the plugin %s: %w", p.Path, err)
	}
	if got, err := os.Readlink(at); err != nil || got != filepath.Dir(p.Path) {
		return "", fmt.Errorf("linking the plugin %s: %s is not a link to its folder: remove it", p.Path, at)
	}
	return filepath.Join(at, filepath.Base(p.Path)), nil
}

// setCUDADir names NVIDIA's libraries to XLA; go-xla does too, but without quotes.
func (p Plugin) setCUDADir() {
	dir := filepath.Join(filepath.Dir(filepath.Dir(p.Path)), "nvidia", "cu13") // holds bin/ptxas and nvvm/libdevice
	if _, err := os.Stat(dir); err == nil {
		setFlag("--xla_gpu_cuda_data_dir", "'"+dir+"'")
	}
}

// exact has products and convolutions on a GPU computed in float32. NVIDIA's libraries and go-xla would round the factors to TF32's ten
// bits of mantissa, which is faster and right to three digits; who wants that says so: "xla:cuda,tf32". Without TF32, XLA's search for
// the fastest of its own products takes minutes for a GPT and gains little over NVIDIA's, so it is left out.
func (p Plugin) exact(options string) string {
	if strings.Contains(options, "tf32") {
		return options
	}
	if p.isPinned(CUDAWheel) { // another might not have the flag, and end the process
		setFlag("--xla_gpu_enable_triton_gemm", "false")
	}
	if _, set := os.LookupEnv(tf32Env); !set {
		_ = os.Setenv(tf32Env, "0") // a valid name; go-xla's option is for products alone
	}
	return strings.TrimPrefix(options+",tf32=false", ",")
}

// tf32Env is NVIDIA's: 0 is never.
const tf32Env = "NVIDIA_TF32_OVERRIDE"

// setConvolutions has XLA compute convolutions itself and not through YNNPACK, whose kernel gradients take two to three times as long:
// a DCGAN's iteration takes 1.3 s in place of 2.2 (docs/gomlx.md). Only of the plugin that is pinned do we know that it has this flag,
// and one that hasn't would end the process.
func (p Plugin) setConvolutions() {
	if p.isPinned(CPUWheel) {
		setFlag("--xla_cpu_experimental_ynn_fusion_type", "-individual_convolution")
	}
}

var hostDevicesFlag = regexp.MustCompile(`--xla_force_host_platform_device_count=(\d+)`)

// hostDevices is how many devices XLA's flags have a CPU show, as in JAX.
func hostDevices(flags string) int64 {
	n := int64(1)
	if m := hostDevicesFlag.FindStringSubmatch(flags); m != nil {
		if asked, err := strconv.ParseInt(m[1], 10, 64); err == nil && asked > 1 {
			n = asked
		}
	}
	return n
}

// isPinned says whether it is the plugin that genlab is made for.
func (p Plugin) isPinned(source Source) bool {
	m, err := p.Manifest()
	lock, _ := locks.ReadFile("locks/" + string(source) + ".txt") // embedded
	pins := pinned(string(lock))
	return err == nil && m != nil && len(pins) > 0 && (pin{m.Source, m.Version}) == pins[0]
}

// setFlag sets one of XLA's flags, which it reads when it is loaded, unless the user has.
func setFlag(name, value string) {
	if flags := os.Getenv("XLA_FLAGS"); !strings.Contains(flags, name) {
		_ = os.Setenv("XLA_FLAGS", strings.TrimSpace(flags+" "+name+"="+value)) // a valid name
	}
}

// searchDirs are the folders in which plugins are looked for, in order.
func searchDirs() []string {
	if env := os.Getenv(pluginPathEnv); env != "" {
		var dirs []string
		for _, d := range filepath.SplitList(env) {
			if abs, err := filepath.Abs(d); d != "" && err == nil {
				dirs = append(dirs, abs)
			}
		}
		return dirs
	}
	var roots []string
	for _, checkout := range Checkouts() {
		roots = append(roots, filepath.Join(checkout, ".cache", "pjrt"))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		roots = append(roots, filepath.Join(cache, "genlab", "pjrt"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		roots = append(roots, filepath.Join(home, ".local", "lib", "go-xla"))
	}
	roots = append(roots, "/usr/local/lib/go-xla")
	var dirs []string
	for _, r := range roots {
		dirs = append(dirs, r, filepath.Join(r, "cuda"), filepath.Join(r, "nvidia"))
	}
	return dirs
}

// Checkouts are genlab's own source trees that this process can see, nearest first: around the working
// folder, around the executable, and where it was compiled from (a module that replaces genlab by a checkout).
func Checkouts() []string {
	var starts []string
	add := func(path string) {
		starts = append(starts, path)
		if real, err := filepath.EvalSymlinks(path); err == nil && real != path {
			starts = append(starts, real)
		}
	}
	if wd, err := os.Getwd(); err == nil {
		add(wd)
	}
	if exe, err := os.Executable(); err == nil {
		add(filepath.Dir(exe))
	}
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		starts = append(starts, filepath.Dir(file))
	}
	var roots []string
	for _, start := range starts {
		if root, ok := checkoutAround(start); ok && !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return roots
}

// checkoutAround walks up from dir to genlab's source tree.
func checkoutAround(dir string) (root string, ok bool) {
	for {
		if isCheckout(dir) {
			return dir, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", false
		}
		dir = up
	}
}

// moduleLine is go.mod's, with the path that this package's own begins with.
var moduleLine = regexp.MustCompile(`(?m)^module\s+` +
	regexp.QuoteMeta(strings.TrimSuffix(reflect.TypeFor[Plugin]().PkgPath(), "/lib/backend")) + `\s*(//.*)?$`)

func isCheckout(dir string) bool {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && moduleLine.Match(mod)
}
