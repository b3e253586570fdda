// Package kernel is `genlab kernel`: it installs the Jupyter kernel "Go (genlab)" and runs it.
package kernel

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"genlab/lib/backend"
)

// ID is the kernelspec's folder and the kernel's name in a notebook's metadata.
const ID = "genlab"

// New makes the command.
func New() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kernel",
		Short: `The Jupyter kernel "Go (genlab)"`,
	}
	var prefix string
	install := &cobra.Command{
		Use:   "install",
		Short: "Make the kernel known to your own Jupyter, or to the Python environment at --prefix",
		Example: `  genlab kernel install
  genlab kernel install --prefix .venv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := Dir(prefix)
			if err != nil {
				return err
			}
			exe, err := checkoutCommand()
			if err != nil {
				return err
			}
			if err := installKernelspec(dir, exe); err != nil {
				return fmt.Errorf("installing the kernel: %w", err)
			}
			// What cells need of the module cache; without it the kernel gets it, cell by cell.
			checkout := filepath.Dir(filepath.Dir(exe))
			if getModules(checkout, "GOPROXY=off") != nil {
				if err := getModules(checkout); err != nil {
					fmt.Fprintf(cmd.ErrOrStderr(), "kernel: the modules that cells import could not all be had, so cells may fail: %v\n", err)
				}
			}
			fmt.Fprintln(cmd.OutOrStdout(), "kernel: installed "+dir)
			return nil
		},
	}
	uninstall := &cobra.Command{
		Use:   "uninstall",
		Short: "Take the kernel out again",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := Dir(prefix)
			if err != nil {
				return err
			}
			if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
				fmt.Fprintln(cmd.OutOrStdout(), "kernel: not installed in "+dir)
				return nil
			}
			if err := os.RemoveAll(dir); err != nil {
				return fmt.Errorf("uninstalling the kernel: %w", err)
			}
			fmt.Fprintln(cmd.OutOrStdout(), "kernel: removed "+dir)
			return nil
		},
	}
	for _, c := range []*cobra.Command{install, uninstall} {
		c.Flags().StringVar(&prefix, "prefix", "", "a Python environment's folder; default: your own Jupyter folder")
	}
	cmd.AddCommand(install, uninstall, &cobra.Command{
		Use:   "run CONNECTION_FILE",
		Short: "What Jupyter starts: GoNB, set up for the module around the notebook",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return runKernel(args[0])
		},
	})
	return cmd
}

// Dir is where Jupyter looks for this kernel: in a Python environment, or in the user's data folder.
func Dir(prefix string) (string, error) {
	if prefix != "" {
		return filepath.Join(prefix, "share", "jupyter", "kernels", ID), nil
	}
	if data := os.Getenv("JUPYTER_DATA_DIR"); data != "" {
		return filepath.Join(data, "kernels", ID), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the kernel: %w", err)
	}
	data := filepath.Join(home, ".local", "share")
	if xdg := os.Getenv("XDG_DATA_HOME"); xdg != "" {
		data = xdg
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter", "kernels", ID), nil
	}
	return filepath.Join(data, "jupyter", "kernels", ID), nil
}

type kernelspec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env"`
}

// installKernelspec writes the kernelspec that starts exe, the genlab of a checkout.
func installKernelspec(dir, exe string) error {
	text, err := json.MarshalIndent(kernelspec{
		Argv:          []string{exe, "kernel", "run", "{connection_file}"},
		DisplayName:   "Go (genlab)",
		Language:      "go",
		InterruptMode: "message",
		Env:           map[string]string{},
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, "kernel.json"), append(text, '\n'), 0o644)
}

// checkoutCommand is bin/genlab of the checkout, the one that stays; `go run` executes a copy that goes.
func checkoutCommand() (string, error) {
	for _, checkout := range backend.Checkouts() {
		exe := filepath.Join(checkout, "bin", "genlab")
		if info, err := os.Stat(exe); err == nil && info.Mode()&0o111 != 0 {
			return filepath.EvalSymlinks(exe)
		}
	}
	return "", errors.New("the kernel needs a checkout of genlab with bin/genlab built: run make setup in one")
}

// runKernel runs GoNB, set up so that a notebook needs no lines of its own for it.
func runKernel(connection string) error {
	exe, err := checkoutCommand()
	if err != nil {
		return err
	}
	bin := filepath.Dir(exe)
	gonb := filepath.Join(bin, "gonb")
	if _, err := os.Stat(gonb); err != nil {
		return fmt.Errorf("the kernel GoNB is missing: run make setup in %s", filepath.Dir(bin))
	}
	sweep()
	folder, err := newFolder()
	if err != nil {
		return fmt.Errorf("no folder for the kernel: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder.Name()) }()
	module := moduleAround(filepath.Dir(bin))
	use, err := withoutComma(module, folder.Name())
	if err != nil {
		return err
	}
	env := map[string]string{
		// GoNB runs gopls and goimports from the PATH.
		"PATH": bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		// No debug tables and Go's own linker: a second less a cell.
		"GOFLAGS":      strings.TrimSpace(os.Getenv("GOFLAGS") + " '-ldflags=-s -w -linkmode=internal'"),
		folderVariable: folder.Name(),
	}
	if os.Getenv("GOPLSCACHE") == "" {
		env["GOPLSCACHE"] = filepath.Join(filepath.Dir(bin), ".cache", "gopls")
	}
	if os.Getenv("GOTMPDIR") == "" {
		env["GOTMPDIR"] = filepath.Join(folder.Name(), ".go") // go's patterns don't look into it
		if err := os.Mkdir(env["GOTMPDIR"], 0o700); err != nil {
			return err
		}
	}
	if os.Getenv("GOPROXY") == "" && getModules(module, "GOPROXY=off") == nil {
		env["GOPROXY"] = "off" // else every cell's `go get` may ask the network
	}
	for name, value := range env {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	cmd := exec.Command(gonb, "--kernel", connection, "-go_work="+use, "-logtostderr=false", "-log_file="+os.DevNull, "-stderrthreshold=FATAL")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{folder}
	return live(cmd)
}

// moduleAround finds the module of the folder that Jupyter started us in, the notebook's; a notebook outside
// of any module gets genlab's.
func moduleAround(checkout string) string {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	mod := strings.TrimSpace(string(out))
	if err != nil || mod == "" || mod == os.DevNull {
		return checkout
	}
	return filepath.Dir(mod)
}

// getModules does what GoNB does before each cell: it has `go get` complete a new module that imports the packages of the one
// in dir. That reads more than a build of dir does. With GOPROXY=off in env it says whether the module cache has all of it.
func getModules(dir string, env ...string) error {
	tmp, err := os.MkdirTemp("", "genlab-get-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	command := func(in string, args ...string) (string, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir = in
		cmd.Env = append(os.Environ(), env...)
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(said.String()))
		}
		return strings.TrimSpace(string(out)), nil
	}
	module, err := command(dir, "list", "-m")
	if err != nil {
		return err
	}
	packages, err := command(dir, "list", "-e", "-f", `{{if and (ne .Name "main") .GoFiles}}{{.ImportPath}}{{end}}`, "./...")
	if err != nil {
		return err
	}
	main := "package main\n\n"
	for _, p := range strings.Fields(packages) {
		if !strings.Contains(p, "/internal/") {
			main += fmt.Sprintf("import _ %q\n", p)
		}
	}
	if err := os.WriteFile(filepath.Join(tmp, "main.go"), []byte(main+"\nfunc main() {}\n"), 0o644); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"mod", "init", "cell"},
		{"work", "init", ".", dir},
		{"mod", "edit", "-replace=" + module + "=" + dir},
		{"get"},
	} {
		if _, err := command(tmp, args...); err != nil {
			return err
		}
	}
	return nil
}

// withoutComma gives a path to dir without a comma, at which GoNB would split it: through a link in folder if need be.
func withoutComma(dir, folder string) (string, error) {
	if !strings.Contains(dir, ",") {
		return dir, nil
	}
	link := filepath.Join(folder, ".module")
	return link, os.Symlink(dir, link)
}
