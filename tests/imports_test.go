package tests

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// module is the path in go.mod.
var module = strings.TrimSuffix(reflect.TypeFor[rule]().PkgPath(), "/tests")

// rule says which of genlab's own packages the packages of a room may import beside their room's. A name covers
// what is below it.
type rule struct {
	room    string
	allowed []string
	forbid  []string // outside packages too, for rooms that speak in tensors, slices and images
}

// rules: cmd, tests and bench → models/*/command → models → spec → nn, train → backend. The longest room that covers a
// package holds for it.
var rules = []rule{
	{room: "genlab/lib/wheel"},
	{room: "genlab/lib/backend", allowed: []string{"genlab/lib/wheel"}},
	{room: "genlab/lib/memory"},
	{room: "genlab/lib/nn", allowed: []string{"genlab/lib/backend"}},
	{room: "genlab/lib/torch", allowed: []string{"genlab/lib/backend", "genlab/lib/nn"}},
	{room: "genlab/lib/train", allowed: []string{"genlab/lib/backend", "genlab/lib/nn", "genlab/lib/torch"}},
	{room: "genlab/lib/spec", allowed: []string{"genlab/lib/backend", "genlab/lib/nn", "genlab/lib/torch", "genlab/lib/train"}},
	{room: "genlab/lib/command", allowed: []string{"genlab/lib/spec", "genlab/lib/train"}},
	{
		room:    "genlab/lib/models",
		allowed: []string{"genlab/lib/backend", "genlab/lib/nn", "genlab/lib/torch", "genlab/lib/train", "genlab/lib/spec"},
		forbid:  []string{"gonum.org/v1/plot", "github.com/spf13/cobra"},
	},
	{room: "genlab/lib/metrics", allowed: []string{"genlab/lib/backend", "genlab/lib/nn"}},
	{
		room:    "genlab/lib/augment", // makers, data and a classifier meet in it, as in a command
		allowed: []string{"genlab/lib/models", "genlab/lib/data", "genlab/lib/metrics", "genlab/lib/nn", "genlab/lib/train"},
		forbid:  []string{"gonum.org/v1/plot", "github.com/spf13/cobra"},
	},
	{room: "genlab/lib/notebook", allowed: []string{"genlab/lib/train", "genlab/lib/viz"}},
	{room: "genlab/lib/data", allowed: []string{"genlab/lib/wheel"}, forbid: []string{"github.com/gomlx/gomlx/ml", "gonum.org/v1/plot"}},
	{room: "genlab/lib/viz", forbid: []string{"github.com/gomlx/gomlx/ml"}},
	{room: "genlab/cmd", allowed: []string{"genlab/lib", "genlab/bench"}},
	{room: "genlab/examples", allowed: []string{"genlab/lib"}},
	{room: "genlab/tests", allowed: []string{"genlab/lib", "genlab/cmd/genlab/models"}},
	{room: "genlab/bench", allowed: []string{"genlab/lib", "genlab/cmd/genlab/models"}},
}

// covers says whether path is room or lies below it.
func covers(room, path string) bool { return path == room || strings.HasPrefix(path, room+"/") }

// broken says what is wrong with a package's import; "" is nothing.
func broken(pkg, imported string) string {
	var r *rule
	for i := range rules {
		if covers(rules[i].room, pkg) && (r == nil || len(rules[i].room) > len(r.room)) {
			r = &rules[i]
		}
	}
	if covers("genlab/lib/models", pkg) && strings.HasSuffix(pkg, "/command") { // where a model, data and pictures meet
		r = &rule{room: pkg, allowed: []string{"genlab/lib"}}
	}
	allowed := func(path string) bool {
		return slices.ContainsFunc(r.allowed, func(a string) bool { return covers(a, path) })
	}
	switch {
	case r == nil && strings.HasPrefix(pkg, module+"/"):
		return "is in no room: give it one in tests/imports_test.go"
	case r == nil:
		return ""
	case r.room == "genlab/lib/models" && covers("genlab/lib/models", imported) && !covers(pkg, imported):
		return "models don't import other models: what they share goes down to nn or train"
	case imported == "genlab/lib/data/files": // how anyone reads a file that others wrote
		return ""
	case imported == "genlab/lib/memory" && !covers("genlab/cmd", pkg) && !covers(imported, pkg):
		return "it replaces the allocator of the whole process: only a command may"
	case covers(module, imported) && !covers(r.room, imported) && !allowed(imported):
		return "rooms that " + r.room + " may import: " + strings.Join(r.allowed, ", ")
	case slices.ContainsFunc(r.forbid, func(f string) bool { return covers(f, imported) }):
		return r.room + " speaks in tensors, slices and images alone"
	}
	return ""
}

// TestImports compares every import of the module, tests' too, with the rules. What a test outside its package
// (an Example, say) imports is its own business.
func TestImports(t *testing.T) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); ; packages++ {
		var p struct {
			ImportPath           string
			Imports, TestImports []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath == module {
			continue
		}
		for _, imported := range p.Imports {
			if what := broken(p.ImportPath, imported); what != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, what)
			}
		}
	}
	if packages < 5 {
		t.Errorf("only %d packages seen", packages)
	}
}

func TestImportsRules(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		ok            bool
	}{
		{"genlab/lib/models/vae", "genlab/lib/nn", true},
		{"genlab/lib/models/vae", "genlab/lib/models/gan", false},
		{"genlab/lib/models/vae", "genlab/lib/data/mnist", false},
		{"genlab/lib/models/vae", "genlab/lib/viz", false},
		{"genlab/lib/models/vae", "github.com/spf13/cobra", false},
		{"genlab/lib/models/vae/command", "genlab/lib/data/mnist", true},
		{"genlab/lib/models/vae/command", "genlab/lib/models/vae", true},
		{"genlab/lib/models/vae/command", "genlab/cmd/genlab/models", false},
		{"genlab/lib/nn", "genlab/lib/train", false},
		{"genlab/lib/augment", "genlab/lib/models/dcgan", true},
		{"genlab/lib/augment", "genlab/lib/viz", false},
		{"genlab/lib/models/vae", "genlab/lib/augment", false},
		{"genlab/lib/viz", "genlab/lib/nn", false},
		{"genlab/lib/viz", "gonum.org/v1/plot", true},
		{"genlab/lib/data/mnist", "github.com/gomlx/gomlx/ml/model", false},
		{"genlab/lib/backend", "genlab/lib/nn", false},
		{"genlab/cmd/genlab", "genlab/lib/models/vae", true},
		{"genlab/cmd/genlab", "genlab/lib/memory", true},
		{"genlab/lib/notebook", "genlab/lib/memory", false},
		{"genlab/examples/vae", "genlab/lib/memory", false},
		{"genlab/bench", "genlab/lib/memory", false},
		{module + "/shed", "fmt", false},
	} {
		if got := broken(c.pkg, c.imported) == ""; got != c.ok {
			t.Errorf("%s importing %s: allowed is %v", c.pkg, c.imported, got)
		}
	}
}
