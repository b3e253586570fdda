package transformer

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/torch"
	"genlab/lib/torch/torchtest"
)

// The cases come from a plain search in PyTorch (peer/transformer.py), which keeps no cache.
func TestSearchParity(t *testing.T) {
	c := torchtest.Read(t, filepath.Join("testdata", "search"))
	var config Config
	c.Configure(t, &config)
	net, err := NewNet(config)
	if err != nil {
		t.Fatal(err)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		store := model.NewStore()
		if err := torch.Load(store.RootScope(), net, c.Weights, false); err != nil {
			t.Fatal(err)
		}
		for _, search := range []SearchConfig{{Beam: 1}, {Beam: 4}, {Beam: 3, LengthPenalty: 1}, {Beam: 17, LengthPenalty: 0.6}, {Beam: 4, NoCache: true}} {
			t.Run(fmt.Sprintf("%+v", search), func(t *testing.T) {
				search.MaxTokens = 12
				out, err := model.CallOnceN(b, store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
					f := net.search(s, in[0], search)
					return []*graph.Node{f.tokens, f.scores}
				}, c.Input(t, "src"))
				if err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprintf("-%d-%.1f", search.Beam, search.LengthPenalty)
				c.Check(t, "scores"+name, out[1])
				tensor, _ := c.Expected.Get("tokens" + name)
				value, err := tensor.ToGoMLX()
				if err != nil {
					t.Fatal(err)
				}
				want, got := value.Value().([][][]int64), out[0].Value().([][][]int32)
				for i := range want {
					for j := range want[i] {
						for k, token := range want[i][j] {
							if got[i][j][k+1] != int32(token) {
								t.Fatalf("text %d, beam %d: %v, PyTorch gives %v", i, j, got[i][j][1:], want[i][j])
							}
						}
					}
				}
			})
		}
	})
}
