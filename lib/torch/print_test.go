package torch

import (
	"html"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"genlab/lib/nn"
)

type block struct {
	FC   *nn.Linear  `nn:"fc"`
	Drop *nn.Dropout `nn:"drop"`
}

func (*block) String() string { return "Block" }

type pair struct {
	A *nn.Dropout `nn:"0"`
	B *nn.Dropout `nn:"1"`
}

func (*pair) String() string { return "Sequential" }

// Model is testdata/make.py's.
type Model struct {
	Embed  *nn.Embedding `nn:"embed"`
	Blocks []*block      `nn:"blocks"`
	Heads  []*nn.Linear  `nn:"heads"`
	Twice  *pair         `nn:"twice"`
	None   []*block      `nn:"none"`
	Empty  *pair         `nn:"empty"`
	Scale  *nn.Param     `nn:"scale"`
	Absent *nn.Linear    `nn:"absent"`
}

func TestSprint(t *testing.T) {
	blk := func(n int) *block { return &block{nn.NewLinear(n, n, true), &nn.Dropout{P: 0.5}} }
	model := &Model{
		Embed:  nn.NewEmbedding(5, 4),
		Blocks: []*block{blk(4), blk(4), blk(3), blk(4), blk(4), blk(4)},
		Heads:  []*nn.Linear{nn.NewLinear(1, 2, true), nn.NewLinear(1, 2, true)},
		Twice:  &pair{&nn.Dropout{P: 0.5}, &nn.Dropout{P: 0.5}},
		None:   []*block{},
		Empty:  &pair{},
		Scale:  &nn.Param{Shape: []int{1}},
	}
	got := Sprint(model)
	want, err := os.ReadFile("testdata/print.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("printed\n%s\nPyTorch prints\n%s", got, want)
	}

	// A browser shows the same lines, less the closing brackets.
	page := HTML(model)
	text := regexp.MustCompile(`<summary>|</?div[^>]*>`).ReplaceAllString(page, "\n")
	lines := strings.Fields(strings.ReplaceAll(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, "")), " ", "·"))
	var wanted []string
	for l := range strings.Lines(string(want)) {
		if l = strings.TrimSpace(l); l != ")" {
			if strings.Count(l, "(") > strings.Count(l, ")") {
				l = strings.TrimSuffix(l, "(")
			}
			wanted = append(wanted, strings.ReplaceAll(l, " ", "·"))
		}
	}
	if !slices.Equal(lines, wanted) {
		t.Errorf("HTML shows\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(wanted, "\n"))
	}
	if opened, closed := strings.Count(page, "<details"), strings.Count(page, "</details>"); opened != 7 || closed != 7 {
		t.Errorf("%d parts fold, %d end", opened, closed)
	}
}
