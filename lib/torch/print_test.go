package torch

import (
	"os"
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
	got := Sprint(&Model{
		Embed:  nn.NewEmbedding(5, 4),
		Blocks: []*block{blk(4), blk(4), blk(3), blk(4), blk(4), blk(4)},
		Heads:  []*nn.Linear{nn.NewLinear(1, 2, true), nn.NewLinear(1, 2, true)},
		Twice:  &pair{&nn.Dropout{P: 0.5}, &nn.Dropout{P: 0.5}},
		None:   []*block{},
		Empty:  &pair{},
		Scale:  &nn.Param{Shape: []int{1}},
	})
	want, err := os.ReadFile("testdata/print.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("printed\n%s\nPyTorch prints\n%s", got, want)
	}
}
