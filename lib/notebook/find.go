package notebook

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// find gives the source that a name stands for, as [Source] explains names.
func find(name string) (source, error) {
	root, err := checkout()
	if err != nil {
		return source{}, err
	}
	if file, of, ok := strings.Cut(name, ".py:"); ok {
		return findPython(root, name, file+".py", of)
	}
	slash := strings.LastIndexByte(name, '/') + 1
	last, of, _ := strings.Cut(name[slash:], ".")
	folder, err := room(root, name, name[:slash]+last)
	if err != nil {
		return source{}, err
	}
	return findGo(root, folder, name, of)
}

// checkout is the root of the files that this program was built from.
func checkout() (string, error) {
	const here = "lib/notebook/find.go"
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		if _, err := os.Stat(file); err == nil {
			return strings.TrimSuffix(filepath.ToSlash(file), "/"+here), nil
		}
	}
	// Built with -trimpath: the notebook's folder tells.
	wd, err := os.Getwd()
	for dir := wd; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, here)); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", fmt.Errorf("the library's sources aren't above %s: run the notebook in its checkout", wd)
}

// room is the folder of the one package whose path ends as pkg.
func room(root, name, pkg string) (string, error) {
	var all, found []string
	err := filepath.WalkDir(filepath.Join(root, "lib"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if d.Name() == "testdata" {
			return fs.SkipDir
		}
		if files, _ := filepath.Glob(filepath.Join(p, "*.go")); len(files) > 0 {
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			rel = filepath.ToSlash(rel)
			all = append(all, path.Base(rel))
			if strings.HasSuffix("/"+rel, "/"+pkg) {
				found = append(found, rel)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("reading the library's folders: %w", err)
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("source is %q: it must tell %s apart", name, strings.Join(found, " and "))
	}
	return "", fmt.Errorf("source is %q: it must begin with a package of the library, such as %s", name, near(pkg, all))
}

// findGo looks for a declaration in the files of a package, tests aside.
func findGo(root, folder, name, of string) (source, error) {
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		return source{}, err
	}
	var all []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return source{}, fmt.Errorf("reading the library's sources: %w", err)
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return source{}, fmt.Errorf("reading the library's sources: %w", err)
		}
		for _, d := range declared(tree) {
			all = append(all, d.name)
			if d.name == of {
				from, to := set.Position(d.from), set.Position(d.to)
				return source{
					path: folder + "/" + filepath.Base(file), file: file, line: from.Line,
					text: strings.TrimRight(string(text[from.Offset:to.Offset]), "\n"),
				}, nil
			}
		}
	}
	return source{}, fmt.Errorf("source is %q: it must be a name of %s, such as %s", name, folder, near(of, all))
}

// declaration is a name with where its comment begins and its code ends.
type declaration struct {
	name     string
	from, to token.Pos
}

func declared(tree *ast.File) (list []declaration) {
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			list = append(list, declaration{name, begins(d.Doc, d.Pos()), d.End()})
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				from, to := d.Pos(), d.End()
				var names []*ast.Ident
				var doc *ast.CommentGroup
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names, doc = []*ast.Ident{s.Name}, s.Doc
				case *ast.ValueSpec:
					names, doc = s.Names, s.Doc
				}
				if d.Lparen.IsValid() && d.Tok == token.TYPE { // of a list of types one; of constants, which explain each other, all
					from, to = begins(doc, spec.Pos()), spec.End()
				} else {
					from = begins(d.Doc, from)
				}
				for _, n := range names {
					list = append(list, declaration{n.Name, from, to})
				}
			}
		}
	}
	return list
}

func begins(doc *ast.CommentGroup, pos token.Pos) token.Pos {
	if doc != nil {
		return doc.Pos()
	}
	return pos
}

// receiver is a method's type, without its pointer and its type parameters.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

var pythonName = regexp.MustCompile(`^(?:class|def) (\w+)|^    def (\w+)`)

// findPython looks for a class, a function or a method in a model's peer file. It ends where a line is indented no more than its first.
func findPython(root, name, file, of string) (source, error) {
	files, err := filepath.Glob(filepath.Join(root, "lib", "models", "*", "peer", file))
	if err != nil {
		return source{}, err
	}
	if len(files) != 1 {
		every, err := filepath.Glob(filepath.Join(root, "lib", "models", "*", "peer", "*.py"))
		if err != nil {
			return source{}, err
		}
		for i := range every {
			every[i] = filepath.Base(every[i])
		}
		return source{}, fmt.Errorf("source is %q: it must begin with a file of a model's peer folder, such as %s", name, near(file, every))
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return source{}, fmt.Errorf("reading the library's sources: %w", err)
	}
	lines := strings.Split(string(text), "\n")
	var all []string
	class := ""
	for i, line := range lines {
		m := pythonName.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		full := class + "." + m[2]
		if m[1] != "" {
			class, full = m[1], m[1]
		}
		all = append(all, full)
		if full != of {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		end := i + 1
		for end < len(lines) && (strings.TrimSpace(lines[end]) == "" || strings.HasPrefix(lines[end], strings.Repeat(" ", indent+1))) {
			end++
		}
		rel, err := filepath.Rel(root, files[0])
		if err != nil {
			return source{}, err
		}
		piece := slices.Clone(lines[i:end])
		for k := range piece {
			piece[k] = piece[k][min(indent, len(piece[k])):]
		}
		return source{path: filepath.ToSlash(rel), file: files[0], line: i + 1, text: strings.TrimRight(strings.Join(piece, "\n"), "\n")}, nil
	}
	return source{}, fmt.Errorf("source is %q: it must be a name of %s, such as %s", name, file, near(of, all))
}

// near gives the three names that are most like one.
func near(name string, all []string) string {
	all = slices.Clone(all)
	slices.Sort(all)
	all = slices.Compact(all)
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(distance(name, a), distance(name, b)) })
	return strings.Join(all[:min(3, len(all))], ", ")
}

// distance is how many letters must be put in, left out or changed to make b of a, case aside (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			change := diagonal
			if x[i] != y[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
