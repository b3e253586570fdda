// Times the article's encoder and a translator's beam search as bench/pytorch/transformer.py does, and prints the same JSON line a
// round: go run ./bench/transformer forward|train|decode [ROUNDS]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/models/transformer"
	"genlab/lib/nn"
)

func main() {
	log.SetFlags(0)
	rounds := 5
	if len(os.Args) > 2 {
		if n, err := strconv.Atoi(os.Args[2]); err == nil {
			rounds = n
		}
	}
	work := ""
	if len(os.Args) > 1 {
		work = os.Args[1]
	}
	step, times, err := prepare(work)
	if err != nil {
		log.Fatal(err)
	}
	for range rounds {
		began := time.Now()
		for range times {
			if err := step(); err != nil {
				log.Fatal(err)
			}
		}
		line, err := json.Marshal(map[string]any{"work": work, "seconds": time.Since(began).Seconds()})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(line))
	}
}

// prepare gives one pass or step of the workload, and how often a round does it.
func prepare(work string) (step func() error, times int, err error) {
	ctx := context.Background()
	if work == "decode" {
		c := transformer.Small(1000)
		c.Dropout = 0
		m, err := transformer.New(c, 1)
		if err != nil {
			return nil, 0, err
		}
		texts := make([][]int32, 32)
		for i := range texts {
			for j := range 23 { // and its end
				texts[i] = append(texts[i], int32(4+(i*37+j*11)%996))
			}
		}
		return func() error {
			_, err := m.Translate(ctx, texts, transformer.SearchConfig{Beam: 4, LengthPenalty: 0.6, MaxTokens: 40})
			return err
		}, 1, nil
	}
	net, err := transformer.NewEncoder(transformer.DefaultEncoder())
	if err != nil {
		return nil, 0, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, 0, err
	}
	run := nn.NewRunner("encoder", b)
	if err := nn.Create(run.Store.RootScope(), net, 1); err != nil {
		return nil, 0, err
	}
	x, mask := make([][]int32, 8), make([][][][]float32, 8)
	for i := range x {
		x[i], mask[i] = make([]int32, 100), [][][]float32{{make([]float32, 100)}}
		for j := range x[i] {
			x[i][j], mask[i][0][0][j] = int32((i*31+j*17)%100), 1
		}
	}
	params, adam := nn.Trained(net), nn.NewAdam(1e-4)
	pass := func(s *model.Scope, in []*graph.Node) []*graph.Node {
		out, _ := net.Forward(s, in[0], in[1])
		return []*graph.Node{out}
	}
	train := func(s *model.Scope, in []*graph.Node) []*graph.Node {
		g := in[0].Graph()
		s.Store().SetTraining(g, true)
		nn.SeedGraph(s, in[2])
		loss := graph.ReduceAllMean(graph.Square(pass(s, in)[0]))
		adam.Update(s, params, nn.Gradients(s, loss, params))
		return []*graph.Node{loss}
	}
	count := uint32(0)
	switch work {
	case "forward":
		return func() error {
			_, err := run.Call(ctx, work, pass, x, mask)
			return err
		}, 5, nil
	case "train":
		return func() error {
			count++
			out, err := run.Call(ctx, work, train, x, mask, []uint32{1, count})
			if err == nil {
				_ = out[0].Value() // waits
			}
			return err
		}, 3, nil
	}
	return nil, 0, fmt.Errorf("workload %q: it must be forward, train or decode", work)
}
