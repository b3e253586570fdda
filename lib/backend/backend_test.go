package backend

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// TestMain lets this binary serve as the program that opens a backend under another environment.
func TestMain(m *testing.M) {
	if os.Getenv("GENLAB_TEST_OPEN") == "" {
		os.Exit(m.Run())
	}
	b, err := Open()
	if err != nil {
		_, _ = os.Stdout.WriteString("error: " + err.Error())
		return
	}
	_, _ = os.Stdout.WriteString(Name(b))
}

// openElsewhere opens the backend in a process with only those plugins; it returns what came to stdout and stderr.
func openElsewhere(t *testing.T, plugins, backend string) (stdout, stderr string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "GENLAB_TEST_OPEN=1", pluginPathEnv+"="+plugins, "GOMLX_BACKEND="+backend)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	return out.String(), strings.TrimSpace(errs.String())
}

func TestOpenWithoutPlugin(t *testing.T) {
	empty := t.TempDir()
	out, errs := openElsewhere(t, empty, "")
	if out != "go" || strings.Count(errs, "\n") != 0 || !strings.Contains(errs, SetupCommand) {
		t.Errorf("got %q, and on stderr %q", out, errs)
	}
	if out, errs := openElsewhere(t, empty, "go"); out != "go" || errs != "" {
		t.Errorf("GOMLX_BACKEND=go: got %q, and on stderr %q", out, errs)
	}
	for _, asked := range []string{"xla", "xla:cpu", "stablehlo:cpu"} {
		out, errs := openElsewhere(t, empty, asked)
		if !strings.Contains(out, "error: GOMLX_BACKEND="+asked) || !strings.Contains(out, SetupCommand) || errs != "" {
			t.Errorf("GOMLX_BACKEND=%s: got %q, and on stderr %q", asked, out, errs)
		}
	}
	if out, _ := openElsewhere(t, empty, "tpu"); !strings.Contains(out, `"xla:cpu", "xla:cuda" or "go"`) {
		t.Errorf("an unknown backend: got %q", out)
	}
}

func TestOpenWithBrokenPlugin(t *testing.T) {
	exe, err := os.ReadFile("/proc/self/exe") // an ELF file of this machine that is no plugin
	if err != nil {
		t.Skip("no ELF files on this system")
	}
	other := bytes.Clone(exe)
	other[18] = 243 // e_machine: RISC-V
	cases := map[string]struct {
		content []byte
		want    string
	}{
		"empty":         {nil, "is empty"},
		"not a library": {[]byte("<html>404</html>"), "not a whole shared library"},
		"half":          {exe[:len(exe)/2], "to mend it"},
		"header only":   {exe[:4096], "to mend it"},
		"other machine": {other, "this machine is"},
		"no plugin":     {exe, "does not load"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")
			if err := os.WriteFile(path, c.content, 0o755); err != nil {
				t.Fatal(err)
			}
			out, errs := openElsewhere(t, dir, "")
			if out != "go" || strings.Contains(errs, "\n") || !strings.Contains(errs, c.want) || !strings.Contains(errs, path) {
				t.Errorf("got %q, and on stderr %q", out, errs)
			}
			out, errs = openElsewhere(t, dir, "xla:cpu")
			if !strings.Contains(out, "error: GOMLX_BACKEND=xla:cpu") || !strings.Contains(out, c.want) || errs != "" {
				t.Errorf("when asked for: got %q, and on stderr %q", out, errs)
			}
		})
	}
}

func TestOpenNoticesChangedPlugin(t *testing.T) {
	dir := t.TempDir()
	p := Plugin{Name: "cpu", Path: filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")}
	if err := os.WriteFile(p.Path, []byte("a plugin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := p.writeManifest("test", "1"); err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	if err := os.WriteFile(p.Path, []byte("a plug"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "has 6 bytes instead of 8") {
		t.Errorf("truncated: %v", err)
	}
	if err := os.WriteFile(p.Path, []byte("a_plugin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "checksum differs") {
		t.Errorf("one byte changed: %v", err)
	}
	if err := os.WriteFile(p.manifestPath(), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "damaged manifest") {
		t.Errorf("manifest cut short: %v", err)
	}
}

// TestEveryBackendComputes multiplies on each backend there is.
func TestEveryBackendComputes(t *testing.T) {
	configs := []string{"go"}
	for _, p := range Plugins() {
		if !p.IsCUDA() || HasGPU() {
			configs = append(configs, "xla:"+p.Name)
			break
		}
	}
	if len(configs) == 1 {
		t.Log("no XLA plugin: only the pure-Go backend is tested; to get one: " + SetupCommand)
	}
	for _, config := range configs {
		b, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		if got := Name(b); got != config {
			t.Errorf("Name of %s is %s", config, got)
		}
		exec, err := graph.NewExec(b, func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Mul(x, x)) })
		if err != nil {
			t.Fatal(err)
		}
		got, err := exec.Call([]float32{1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Value().(float32) != 14 {
			t.Errorf("%s: 1+4+9 = %v", config, got[0].Value())
		}
	}
}

func TestPluginUnderAMisleadingPath(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, folder := range []string{"nvidia", "CUDA lab", "a,b"} {
		dir := filepath.Join(t.TempDir(), folder)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		p := Plugin{Name: "cpu", Path: filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")}
		for range 2 { // made, then found
			got, err := p.plainPath()
			if err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(got, ",") || strings.Contains(strings.ToLower(got), "cuda") || strings.Contains(got, "nvidia") {
				t.Errorf("%s is loaded as %s", p.Path, got)
			}
		}
	}
}

func TestConvolutionFlag(t *testing.T) {
	lock, err := locks.ReadFile("locks/cpu.txt")
	if err != nil {
		t.Fatal(err)
	}
	pinned := pinned(string(lock))[0]
	const flag = "--xla_cpu_experimental_ynn_fusion_type="
	for _, c := range []struct{ name, version, before, after string }{
		{pinned.name, pinned.version, "", flag + "-individual_convolution"},
		{pinned.name, pinned.version, "--xla_cpu_ftz=true", "--xla_cpu_ftz=true " + flag + "-individual_convolution"},
		{pinned.name, pinned.version, flag + "individual_dot", flag + "individual_dot"},
		{pinned.name, "0.0.1", "", ""}, // may not know it
		{"", "", "", ""},
	} {
		t.Setenv("XLA_FLAGS", c.before)
		p := madePlugin(t, "cpu", c.name, c.version)
		p.setConvolutions()
		if got := os.Getenv("XLA_FLAGS"); got != c.after {
			t.Errorf("%s %s with XLA_FLAGS=%q: got %q, want %q", c.name, c.version, c.before, got, c.after)
		}
	}
}

// On a GPU all is computed in float32 unless the user asks for TF32.
func TestExact(t *testing.T) {
	lock, err := locks.ReadFile("locks/cuda.txt")
	if err != nil {
		t.Fatal(err)
	}
	pinned := pinned(string(lock))[0]
	const flag = "--xla_gpu_enable_triton_gemm=false"
	for _, c := range []struct{ version, options, env, want, wantEnv, wantFlags string }{
		{pinned.version, "", "", "tf32=false", "0", flag},
		{pinned.version, "preallocate", "", "preallocate,tf32=false", "0", flag},
		{pinned.version, "", "1", "tf32=false", "1", flag},
		{"0.0.1", "", "", "tf32=false", "0", ""}, // may not know the flag
		{pinned.version, "tf32", "", "tf32", "", ""},
	} {
		t.Setenv("XLA_FLAGS", "")
		t.Setenv(tf32Env, c.env)
		if c.env == "" {
			_ = os.Unsetenv(tf32Env) // put back by Setenv's cleanup
		}
		got := madePlugin(t, "cuda", pinned.name, c.version).exact(c.options)
		if env, flags := os.Getenv(tf32Env), os.Getenv("XLA_FLAGS"); got != c.want || env != c.wantEnv || flags != c.wantFlags {
			t.Errorf("%+v: got %q, %s=%q and XLA_FLAGS=%q", c, got, tf32Env, env, flags)
		}
	}
}

// madePlugin is a file with the manifest of a wheel; without a name, with none.
func madePlugin(t *testing.T, device, name, version string) Plugin {
	t.Helper()
	p := Plugin{Name: device, Path: filepath.Join(t.TempDir(), "pjrt_c_api_"+device+"_plugin.so")}
	if err := os.WriteFile(p.Path, []byte("a plugin"), 0o644); err != nil {
		t.Fatal(err)
	}
	if name != "" {
		if err := p.writeManifest(name, version); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestIsCheckout(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]bool{
		"module genlab\n\ngo 1.26\n":         true,
		"// a fork\nmodule genlab // mine\n": true,
		"module genlab/x\n":                  false,
		"module mine\n\nrequire genlab v0\n": false,
	} {
		if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := isCheckout(dir); got != want {
			t.Errorf("isCheckout of %q = %v", text, got)
		}
	}
}
