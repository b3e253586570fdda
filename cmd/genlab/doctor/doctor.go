// Package doctor is what sets up and checks what genlab runs on: `genlab doctor` and `genlab setup`.
package doctor

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/spf13/cobra"

	"genlab/cmd/genlab/kernel"
	"genlab/lib/backend"
	"genlab/lib/command"
	"genlab/lib/memory"
)

// New makes the command; version is genlab's.
func New(version string) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what is installed, whether it works, and what mends what doesn't",
		Long:  "Say what is installed, whether it works, and what mends what doesn't.\nThe exit code is 1 when something needed is wrong.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &doctor{w: cmd.OutOrStdout(), version: version}
			d.versions()
			d.plugins()
			d.backends()
			if checkout := checkoutHere(); checkout != "" {
				d.tools(checkout)
				d.python(checkout)
				d.kernels(checkout)
			}
			d.caches()
			switch d.wrong {
			case 0:
				return nil
			case 1:
				return errors.New("one thing is wrong: the line with a cross says what mends it")
			}
			return fmt.Errorf("%d things are wrong: the lines with a cross say what mends them", d.wrong)
		},
	}
}

// checkoutHere is the checkout around the working folder or this command; "" for those who only import the library.
func checkoutHere() string {
	for _, checkout := range backend.Checkouts() {
		return checkout
	}
	return ""
}

// A doctor writes one line for each thing it looked at.
type doctor struct {
	version string
	w       io.Writer
	wrong   int
}

func (d *doctor) ok(what, format string, args ...any) {
	fmt.Fprintf(d.w, "✓ %-10s %s\n", what, fmt.Sprintf(format, args...))
}

// bad says what is wrong and the command that mends it.
func (d *doctor) bad(what, mend, format string, args ...any) {
	d.wrong++
	fmt.Fprintf(d.w, "✗ %-10s %s\n             mend: %s\n", what, fmt.Sprintf(format, args...), mend)
}

func (d *doctor) versions() {
	deps := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			deps[m.Path] = m.Version
		}
	}
	d.ok("genlab", "%s, built by %s for %s/%s", d.version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if err := memory.Kept(); err != nil {
		d.ok("memory", "the blocks that XLA frees are not kept for its next call: %v", err)
	} else {
		d.ok("memory", "the blocks that XLA frees are kept for its next call, unless %s=off", memory.Env)
	}
	d.ok("libraries", "gomlx %s, compute %s, go-xla %s", deps["github.com/gomlx/gomlx"],
		deps["github.com/gomlx/compute"], deps["github.com/gomlx/go-xla"])
	if out, err := exec.Command("go", "version").Output(); err != nil {
		d.bad("Go", "install Go from https://go.dev/dl and put it on the PATH", "not found: notebooks compile their cells with it")
	} else {
		d.ok("Go", "%s", strings.TrimPrefix(strings.TrimSpace(string(out)), "go version "))
	}
	out, err := exec.Command("go", "env", "CC").Output()
	if cc := strings.TrimSpace(string(out)); err == nil {
		if _, err := exec.LookPath(firstWord(cc)); err != nil {
			d.bad("cc", "install a C compiler (gcc or clang)", "%s not found: Go needs it to build what calls XLA", cc)
		} else {
			d.ok("cc", "%s", cc)
		}
	}
}

func (d *doctor) plugins() {
	if env := os.Getenv("PJRT_PLUGIN_LIBRARY_PATH"); env != "" {
		d.ok("plugins", "looked for in PJRT_PLUGIN_LIBRARY_PATH=%s alone", env)
	}
	var cpu, cuda bool
	for _, p := range backend.Plugins() {
		err := p.Check()
		if err == nil {
			err = p.Verify()
		}
		if err != nil {
			what, mend, _ := strings.Cut(err.Error(), "; to mend it: ")
			d.bad("plugin", mend, "%s", what)
			continue
		}
		cpu, cuda = cpu || !p.IsCUDA(), cuda || p.IsCUDA()
		from := "installed by other means, no checksum known"
		if m, err := p.Manifest(); err == nil && m != nil {
			from = fmt.Sprintf("%s %s, checksum %.12s… right", m.Source, m.Version, m.SHA256)
		}
		d.ok("plugin", "%s (%s)", p.Path, from)
		if dir, err := p.Programs(); err != nil {
			d.ok("programs", "what it compiles is not kept: %v", err)
		} else {
			d.ok("programs", "what it compiles is kept in %s", dir)
		}
	}
	if !cpu && !cuda {
		d.bad("plugin", backend.SetupCommand, "no XLA plugin that works: models run on the slower pure-Go backend")
	}
	switch {
	case backend.HasGPU() && !cuda:
		d.ok("gpu", "an NVIDIA GPU is here, its plugin isn't; to get it: %s --cuda", backend.SetupCommand)
	case !backend.HasGPU():
		d.ok("gpu", "no NVIDIA GPU here")
	}
}

// backends computes a little on each backend there is.
func (d *doctor) backends() {
	configs := []string{"go"}
	seen := map[string]bool{}
	for _, p := range backend.Plugins() {
		if p.Check() != nil || p.Verify() != nil || seen[p.Name] || p.IsCUDA() && !backend.HasGPU() {
			continue // said already; a damaged library could end this process
		}
		seen[p.Name] = true
		configs = append(configs, "xla:"+p.Name)
	}
	for _, config := range configs {
		b, err := backend.New(config)
		if err != nil {
			d.bad(config, backend.SetupCommand, "%v", err)
			continue
		}
		got, err := sumOfSquares(b)
		switch {
		case err != nil:
			d.bad(config, backend.SetupCommand, "computes nothing: %v", err)
		case got != 30:
			d.bad(config, backend.SetupCommand, "computes wrongly: 1²+2²+3²+4² = %v", got)
		default:
			d.ok(config, "%d device(s), first %s; 1²+2²+3²+4² = %v", b.NumDevices(), b.DeviceDescription(0), got)
		}
	}
	if env := os.Getenv(compute.ConfigEnvVar); env != "" {
		if _, err := backend.New(env); err != nil {
			d.bad("backend", "unset "+compute.ConfigEnvVar, "%s is set: %v", compute.ConfigEnvVar, err)
		} else {
			d.ok("backend", "%s, because %s says so", env, compute.ConfigEnvVar)
		}
	} else if b, err := backend.Open(); err == nil {
		d.ok("backend", "%s, chosen because %s is not set", backend.Name(b), compute.ConfigEnvVar)
	}
}

// sumOfSquares is 30 on a backend that works.
func sumOfSquares(b compute.Backend) (float32, error) {
	exec, err := graph.NewExec(b, func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Mul(x, x)) })
	if err != nil {
		return 0, err
	}
	out, err := exec.Call([][]float32{{1, 2}, {3, 4}})
	if err != nil {
		return 0, err
	}
	return out[0].Value().(float32), nil
}

// tools are the programs that the kernel runs.
func (d *doctor) tools(checkout string) {
	for _, tool := range []string{"genlab", "gonb", "gopls", "goimports"} {
		path := filepath.Join(checkout, "bin", tool)
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			d.bad(tool, "make -C "+command.Quote(checkout)+" setup", "%s is missing or damaged", path)
			continue
		}
		v := info.Main.Version
		if tool == "genlab" {
			v = d.version
		}
		d.ok(tool, "%s (%s)", v, path)
	}
}

func (d *doctor) python(checkout string) {
	mend := "make -C " + command.Quote(checkout) + " setup"
	python := filepath.Join(checkout, ".venv", "bin", "python")
	out, err := exec.Command(python, "-c",
		"import platform, jupyterlab, nbclient, nbconvert; print(platform.python_version(), jupyterlab.__version__, nbclient.__version__)").Output()
	fields := strings.Fields(string(out))
	if err != nil || len(fields) != 3 {
		d.bad("python", mend, "%s is missing or lacks JupyterLab: notebooks need it", filepath.Join(checkout, ".venv"))
		return
	}
	d.ok("python", "%s, jupyterlab %s, nbclient %s (%s)", fields[0], fields[1], fields[2], filepath.Join(checkout, ".venv"))
}

// kernels checks the kernelspec of the checkout, and the user's own if there is one.
func (d *doctor) kernels(checkout string) {
	venv := filepath.Join(checkout, ".venv")
	own, err := kernel.Dir(venv)
	if err == nil {
		d.kernel(own, "make -C "+command.Quote(checkout)+" setup")
	}
	if users, err := kernel.Dir(""); err == nil {
		if _, err := os.Stat(users); err == nil {
			d.kernel(users, "genlab kernel install (or genlab kernel uninstall)")
		}
	}
}

func (d *doctor) kernel(dir, mend string) {
	name, err := kernel.Check(dir)
	if err != nil {
		d.bad("kernel", mend, "the kernelspec in %s doesn't work: %v", dir, err)
		return
	}
	d.ok("kernel", "%s (%s)", name, dir)
}

func (d *doctor) caches() {
	if out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output(); err == nil {
		dirs := strings.Split(strings.TrimSpace(string(out)), "\n")
		for _, dir := range dirs {
			if err := writable(dir); err != nil {
				d.bad("cache", "make "+dir+" writable, or set GOCACHE and GOMODCACHE elsewhere", "%v", err)
				return
			}
		}
		d.ok("caches", "Go's: %s", strings.Join(dirs, ", "))
	}
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".genlab-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
