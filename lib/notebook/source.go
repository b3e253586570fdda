package notebook

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"genlab/lib/viz"
)

// Source shows the source of functions, types, constants and variables, each as it stands in the checkout that the cell is built from, with
// its comment, its file and its line:
//
//	Source("vae.Net.Encode", "vae.Net.Decode")
//
// A name begins with its package, by as much of its folder's path as tells it from others ("stylegan/command.Moving"). The same model in
// Python, of a file in its peer folder, is named by the file: "vae.py:VAE.encode". A name that isn't there ends the cell with near ones.
func Source(names ...string) {
	Check(show(names, "block"))
}

// Beside shows two sources side by side, ours and Python's say, one under the other where the page is narrow.
func Beside(left, right string) {
	Check(show([]string{left, right}, "flex"))
}

func show(names []string, display string) error {
	var page, plain strings.Builder
	fmt.Fprintf(&page, `<div style="display:%s;flex-wrap:wrap;gap:8px">`, display)
	for _, name := range names {
		s, err := find(name)
		if err != nil {
			return err
		}
		page.WriteString(s.html())
		fmt.Fprintf(&plain, "%s:%d\n%s\n", s.path, s.line, s.text)
	}
	page.WriteString("</div>")
	if !gonbui.IsNotebook {
		_, err := fmt.Print(plain.String())
		return err
	}
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{
		protocol.MIMETextHTML:  page.String(),
		protocol.MIMETextPlain: plain.String(),
	}})
	return viz.Flush()
}

// source is a piece of a file.
type source struct {
	path string // from the checkout's root, with slashes
	file string // the file itself
	line int    // its first line, from 1
	text string
}

// html is the piece on a light ground of its own, so that it is legible on light and dark pages, without a script or a style sheet.
func (s source) html() string {
	var b strings.Builder
	href := s.path
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, s.file); err == nil {
			href = filepath.ToSlash(rel)
		}
	}
	b.WriteString(`<figure class="genlab-source" style="flex:1 1 46ch;min-width:0;max-width:100%;margin:4px 0;border:1px solid #d0d7de;background:#fafbfc;color:#1f2328">`)
	fmt.Fprintf(&b, `<figcaption style="padding:2px 8px;border-bottom:1px solid #d0d7de;font:12px/1.6 sans-serif;color:#1f2328;background:#eef1f4">`+
		`<a href="%s#L%d" style="color:#0550ae">%s</a>, line %d</figcaption>`, html.EscapeString(href), s.line, html.EscapeString(s.path), s.line)
	b.WriteString(`<pre style="margin:0;padding:6px 8px;overflow-x:auto;white-space:pre;tab-size:4;font:12px/1.5 monospace;color:#1f2328;background:#fafbfc">`)
	for _, p := range pieces(s) {
		text := html.EscapeString(p.text)
		if style := styles[p.kind]; style != "" {
			text = fmt.Sprintf(`<span style="%s">%s</span>`, style, text)
		}
		b.WriteString(text)
	}
	b.WriteString("</pre></figure>\n")
	return b.String()
}

// styles have a contrast of 4.5 and more with the ground.
var styles = map[kind]string{
	keyword: "color:#8250df", quoted: "color:#0a3069", remark: "color:#57606a;font-style:italic", number: "color:#0550ae",
}
