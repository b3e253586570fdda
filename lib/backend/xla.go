//go:build cgo

package backend

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/installer"
	"github.com/gomlx/go-xla/pjrt"
)

// withoutXLA says why this program can't compute by XLA.
var withoutXLA error

func init() {
	// go-xla downloads a plugin when it finds none. Here only Install does.
	xla.EnableAutoInstall(false)
}

// xlaName is the name of one of XLA's backends in the words of GOMLX_BACKEND, "" for another's.
func xlaName(b compute.Backend) string {
	x, ok := b.(*xla.Backend)
	switch {
	case !ok:
		return ""
	case x.IsCUDA():
		return "xla:cuda"
	case x.IsCPU():
		return "xla:cpu"
	}
	return "xla:" + x.PluginName()
}

var opening sync.Mutex

func (p Plugin) open(options string) (compute.Backend, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	path, err := p.plainPath()
	if err != nil {
		return nil, err
	}
	if p.IsCUDA() {
		p.setCUDADir()
		options = p.exact(options)
	} else {
		p.setConvolutions()
	}
	if options != "" {
		options = "," + options
	}
	opening.Lock() // go-xla doesn't guard its list of plugins against hookTable
	defer opening.Unlock()
	b, err := newRecovered(func() (compute.Backend, error) {
		hookTable(p, path)
		return xla.NewWithOptions(path+options, p.clientOptions())
	})
	if err != nil {
		return nil, p.broken("does not load: " + cause(err))
	}
	return b, nil
}

// clientOptions are the plugin's own. The CPU computes on the thread that asks, which would wait for another's anyway: to hand over and
// back takes a seventh of the article's RNN's step. It is one device unless XLA_FLAGS asks for more: the plugin would make four, each with
// a thread, which are too many on a machine of fewer cores (docs/performance.md). Only the pinned plugin is known to have the options.
func (p Plugin) clientOptions() pjrt.NamedValuesMap {
	if p.isPinned(CPUWheel) {
		return pjrt.NamedValuesMap{"asynchronous": false, "cpu_device_count": hostDevices(os.Getenv("XLA_FLAGS"))}
	}
	return nil
}

// installRelease takes the plugin that go-xla's authors build for its version.
func installRelease(dir string, p Plugin, log func(string)) error {
	version := pjrt.DefaultCPUVersion
	log("downloading go-xla's release " + version)
	err := installer.CPUInstall(runtime.GOOS+"_"+runtime.GOARCH, version, dir, false, installer.Quiet)
	if err != nil {
		return err
	}
	return p.writeManifest("go-xla release", version)
}

// cause is the innermost error's first line: go-xla wraps it in the plugin's name several times.
func cause(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
