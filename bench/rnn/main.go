// Command rnn times what bench/pytorch/rnn.py and bench/jax/lstm.py time: the gradients of an LSTM 512 wide at batch 32 with respect
// to weights and input: rnn [ROUNDS] [LENGTH …]. It prints a JSON line a length: the least and the middle time of a step and the
// least processor time, in seconds.
package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

const hidden, batch = 512, 32

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	numbers := []int{10}
	for i, arg := range os.Args[1:] {
		n, err := strconv.Atoi(arg)
		if err != nil || n < 1 {
			return fmt.Errorf("%q: rounds and lengths are positive whole numbers", arg)
		}
		numbers = append(numbers[:i], n)
	}
	rounds, lengths := numbers[0], numbers[1:]
	if len(lengths) == 0 {
		lengths = []int{128}
	}
	for _, length := range lengths {
		if err := measure(rounds, length); err != nil {
			return err
		}
	}
	return nil
}

func measure(rounds, length int) error {
	b, err := backend.Open()
	if err != nil {
		return err
	}
	layer := nn.Name(nn.NewRecurrent(nn.RecurrentConfig{Cell: nn.LSTMCell, Input: hidden, Hidden: hidden, BatchFirst: true}))
	store := model.NewStore()
	if err := nn.Create(store.RootScope(), layer, 1); err != nil {
		return err
	}
	exec, err := model.NewExec(b, store, func(s *model.Scope, x *graph.Node) []*graph.Node {
		y, _ := layer.Forward(s, x, layer.ZeroState(x.Graph(), batch), nil)
		wrt := []*graph.Node{x}
		for _, p := range nn.Trained(layer) {
			wrt = append(wrt, p.Node(s, x.Graph()))
		}
		loss := graph.ReduceAllSum(graph.Square(y))
		return append(graph.Gradient(loss, wrt...), loss)
	})
	if err != nil {
		return err
	}
	defer exec.Finalize()
	values := make([]float32, batch*length*hidden)
	rng := rand.New(rand.NewPCG(1, 0))
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	x := tensors.FromFlatDataAndDimensions(values, batch, length, hidden)

	var times, spent []float64
	for range rounds + 1 {
		began, before := time.Now(), processor()
		out, err := exec.Call(x)
		if err != nil {
			return err
		}
		_ = tensors.ToScalar[float32](out[len(out)-1]) // waits for the step
		times, spent = append(times, time.Since(began).Seconds()), append(spent, processor()-before)
		for _, t := range out {
			t.FinalizeAll()
		}
	}
	times, spent = times[1:], spent[1:] // the first compiles
	slices.Sort(times)
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"peer": "genlab", "length": length, "least": times[0], "middle": times[rounds/2], "cpu": slices.Min(spent),
	})
}

// processor is the time that the processor has spent on this process, in seconds.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
