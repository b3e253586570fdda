package backend

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"k8s.io/klog/v2"
)

// SetupCommand installs the plugin: it works in a checkout and in any module that requires genlab.
const SetupCommand = "go run genlab/cmd/genlab setup"

// xlaNames are the names under which go-xla registers its backend.
var xlaNames = []string{"xla", "stablehlo", "hlo", "shlo"}

var open = sync.OnceValues(func() (compute.Backend, error) {
	return choose(os.Getenv(compute.ConfigEnvVar), os.Stderr)
})

// Open returns the process's one backend, opening it at the first call.
func Open() (compute.Backend, error) { return open() }

// New opens a backend of its own by a GOMLX_BACKEND value, such as "xla:cpu", "xla:/path/plugin.so" or "go".
func New(config string) (compute.Backend, error) {
	if config == "" {
		return nil, errors.New(`empty backend name: give "xla:cpu", "xla:cuda" or "go"`)
	}
	b, err := byConfig(config)
	if err != nil {
		return nil, fmt.Errorf("backend %q: %w", config, err)
	}
	return b, nil
}

// Callers is how many calls at once b computes in less time than one after the other: on a CPU as many as it has cores, because XLA uses
// one alone for most operations of a small graph; on a GPU one.
func Callers(b compute.Backend) int {
	if Name(b) == "xla:cpu" {
		return runtime.GOMAXPROCS(0)
	}
	return 1
}

// Name says which backend b is in the words of GOMLX_BACKEND: "xla:cpu", "xla:cuda" or "go".
func Name(b compute.Backend) string {
	if name := xlaName(b); name != "" {
		return name
	}
	if b.Name() == "Go Backend" { // what it calls itself is not what it is asked for by
		return gobackend.BackendName
	}
	return b.Name()
}

// choose opens what config asks for or, when it is empty, the best there is; notices go to w, a line each.
func choose(config string, w io.Writer) (compute.Backend, error) {
	if config != "" {
		b, err := byConfig(config)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", compute.ConfigEnvVar, config, err)
		}
		return b, nil
	}
	if withoutXLA != nil {
		fmt.Fprintf(w, "genlab: %v; computing on the slower pure-Go backend\n", withoutXLA)
		return newGo(gobackend.BackendName)
	}
	b, broken := openXLA("", "")
	meanwhile := ""
	if b == nil {
		meanwhile = "; computing on the slower pure-Go backend meanwhile"
	}
	for _, err := range broken {
		fmt.Fprintf(w, "genlab: %v%s\n", err, meanwhile)
	}
	if b != nil {
		return b, nil
	}
	if len(broken) == 0 {
		fmt.Fprintf(w, "genlab: no XLA plugin found, computing on the slower pure-Go backend; to get XLA: %s\n", SetupCommand)
	}
	return newGo(gobackend.BackendName)
}

// newGo opens the pure-Go backend, one operation after the other unless the config says otherwise: side by side, two convolutions
// may wait for each other's workers for ever (compute v0.1.3; each operation still uses all processors).
func newGo(config string) (compute.Backend, error) {
	if config == gobackend.BackendName {
		config += ":ops_sequential"
	}
	return newRecovered(func() (compute.Backend, error) { return compute.NewWithConfig(config) })
}

func byConfig(config string) (compute.Backend, error) {
	name, rest, _ := strings.Cut(config, ":")
	if !slices.Contains(xlaNames, name) {
		if known := compute.List(); !slices.Contains(known, name) {
			return nil, errors.New(`no such backend: set "xla:cpu", "xla:cuda" or "go", or unset it to have the best there is`)
		}
		return newGo(config)
	}
	if withoutXLA != nil {
		return nil, withoutXLA
	}
	plugin, options, _ := strings.Cut(rest, ",")
	b, broken := openXLA(plugin, options)
	if b != nil {
		return b, nil
	}
	if len(broken) > 0 {
		return nil, errors.Join(broken...)
	}
	hint := SetupCommand
	if plugin == "cuda" {
		if !HasGPU() {
			return nil, errors.New(`no NVIDIA GPU on this machine: set "xla:cpu" or "go"`)
		}
		hint += " --cuda"
	}
	where := ""
	if env := os.Getenv(pluginPathEnv); env != "" {
		where = " in " + pluginPathEnv + "=" + env
	}
	return nil, fmt.Errorf("no such XLA plugin found%s; to get it: %s", where, hint)
}

// openXLA opens the first plugin of that name that works; "" is any, CUDA first. The errors are those of
// the plugins that were there and didn't work.
func openXLA(name, options string) (compute.Backend, []error) {
	var broken []error
	for _, p := range Plugins() {
		if name != "" && name != p.Name && name != p.Path {
			continue
		}
		if p.IsCUDA() && !HasGPU() {
			continue
		}
		b, err := p.open(options)
		if err == nil {
			return b, broken
		}
		broken = append(broken, err)
	}
	if strings.HasPrefix(name, "/") && len(broken) == 0 {
		b, err := Plugin{Name: name, Path: name}.open(options)
		if err == nil {
			return b, nil
		}
		broken = append(broken, err)
	}
	return nil, broken
}

// newRecovered turns a constructor's panic into an error and keeps go-xla's own log lines quiet, because the
// error says it all.
func newRecovered(construct func() (compute.Backend, error)) (b compute.Backend, err error) {
	if !klog.V(1).Enabled() {
		klog.LogToStderr(false)
		klog.SetOutput(io.Discard)
		defer klog.LogToStderr(true)
	}
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, fmt.Errorf("%v", r)
		}
	}()
	b, err = construct()
	if err != nil {
		return nil, err // b may be a typed nil
	}
	return b, nil
}
