package viz

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
)

//go:embed attention.html
var attentionPage string

// AttentionHTML is a piece of HTML in which one points at a token to see what it attends to, and chooses the kind of attention, its
// layer and its head. It needs nothing from outside: it works in a saved notebook without a kernel, and in exported HTML. Weights
// are rounded to 1/255.
func AttentionHTML(maps ...AttentionMap) (string, error) {
	if len(maps) == 0 {
		return "", errors.New("viz: no attention to show")
	}
	type view struct {
		Name    string   `json:"name"`
		Queries []string `json:"queries"`
		Keys    []string `json:"keys"`
		Layers  int      `json:"layers"`
		Heads   int      `json:"heads"`
		Weights string   `json:"weights"` // bytes in base64, by layer, head, query, key
	}
	var views []view
	for _, m := range maps {
		if err := m.check(); err != nil {
			return "", err
		}
		var flat []byte
		for _, layer := range m.Weights {
			for _, head := range layer {
				for _, row := range head {
					for _, w := range row {
						flat = append(flat, byte(min(max(w, 0), 1)*255+0.5))
					}
				}
			}
		}
		views = append(views, view{m.Name, m.Queries, m.Keys, len(m.Weights), len(m.Weights[0]), base64.StdEncoding.EncodeToString(flat)})
	}
	data, err := json.Marshal(views) // it writes < as \u003c, so a token can't end the script
	if err != nil {
		return "", fmt.Errorf("viz: encoding attention: %w", err)
	}
	return strings.NewReplacer("ATTENTION_ID", pieceID("attention", data), "ATTENTION_DATA", string(data)).Replace(attentionPage), nil
}

// ShowHTML shows a piece of HTML inline in a notebook. Elsewhere it writes out/NAME.html and says so on standard output.
func ShowHTML(html string, name ...string) error {
	if gonbui.IsNotebook {
		gonbui.DisplayHTML(html)
		return Flush()
	}
	path, err := outPath("page", ".html", name)
	if err != nil {
		return err
	}
	page := "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>\n" + html + "\n</body></html>\n"
	if err := writeWhole(path, []byte(page)); err != nil {
		return err
	}
	_, err = fmt.Printf("page: %s\n", path)
	return err
}
