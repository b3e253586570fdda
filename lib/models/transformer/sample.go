package transformer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"golang.org/x/sync/errgroup"

	"genlab/lib/backend"
)

// Hypothesis is a translation that a search found.
type Hypothesis struct {
	Tokens []int32 // without Begin and End
	LogP   float64 // the natural logarithm of its probability, the end's included
	Ended  bool    // false when it was cut at the most tokens
}

// Beams is what a search did for one text: its hypotheses, best first, and the beams after each step.
type Beams struct {
	Hypotheses []Hypothesis
	Steps      [][]Branch // Steps[i] has the beams after i+1 tokens, best first; the last one has those above
}

// Branch is one beam after a step.
type Branch struct {
	Parent int   // its place among the beams of the step before
	Token  int32 // what it adds; Pad once it has ended
	LogP   float64
}

const (
	lengthStep = 16 // sources are filled up to a multiple, so that few shapes are compiled
	batchLimit = 64 // texts in one call of the graph
)

// Translate finds a translation for each source text, given as tokens without any special one.
func (m *Model) Translate(ctx context.Context, sources [][]int32, c SearchConfig) ([]Hypothesis, error) {
	all, err := m.Search(ctx, sources, c)
	if err != nil {
		return nil, err
	}
	best := make([]Hypothesis, len(all))
	for i, b := range all {
		best[i] = b.Hypotheses[0]
	}
	return best, nil
}

// Search is [Model.Translate] with all that the search has seen.
func (m *Model) Search(ctx context.Context, sources [][]int32, c SearchConfig) ([]Beams, error) {
	c = c.filled(m.Config.MaxLength)
	if err := c.validate(m.Config.MaxLength); err != nil {
		return nil, err
	}
	for i, s := range sources {
		if err := m.checkText(s, m.Config.SourceVocab); err != nil {
			return nil, fmt.Errorf("transformer: text %d %w", i+1, err)
		}
	}
	// Texts of like length share a batch.
	order := make([]int, len(sources))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return len(sources[order[i]]) < len(sources[order[j]]) })
	found := make([]Beams, len(sources))
	group, ctx := errgroup.WithContext(ctx)
	callers := backend.Callers(m.run.Backend)
	group.SetLimit(callers)
	for len(order) > 0 {
		length := m.rounded(len(sources[order[0]]) + 1)
		n := 0
		for n < len(order) && m.rounded(len(sources[order[n]])+1) == length {
			n++
		}
		size := min(batchLimit, (n+callers-1)/callers)
		for places := range slices.Chunk(order[:n], size) {
			group.Go(func() error { return m.searchBatch(ctx, sources, places, length, c, found) })
		}
		order = order[n:]
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}

// searchBatch searches for the texts of the given places, all at most length long with their end.
func (m *Model) searchBatch(ctx context.Context, sources [][]int32, places []int, length int, c SearchConfig, found []Beams) error {
	rows := 1 // a power of two, for few shapes; what is over repeats the last text
	for rows < len(places) {
		rows *= 2
	}
	src := make([]int32, rows*length)
	for i := range rows {
		text := sources[places[min(i, len(places)-1)]]
		at := i * length
		src[at+copy(src[at:], text)] = End
	}
	name := fmt.Sprintf("search %+v", c)
	out, err := m.run.Call(ctx, name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		f := m.net.search(s, in[0], c)
		return []*graph.Node{f.tokens, f.scores, f.parents, f.chosen, f.totals}
	}, tensors.FromFlatDataAndDimensions(src, rows, length))
	if err != nil {
		return err
	}
	tokens, scores := out[0].Value().([][][]int32), out[1].Value().([][]float32)
	parents, chosen, totals := out[2].Value().([][][]int32), out[3].Value().([][][]int32), out[4].Value().([][][]float32)
	for i, place := range places {
		b := &found[place]
		for j, text := range tokens[i] {
			b.Hypotheses = append(b.Hypotheses, hypothesis(text[1:], float64(scores[i][j])))
		}
		for step := range chosen[i] {
			branches := make([]Branch, c.Beam)
			alive := false
			for j := range branches {
				branches[j] = Branch{int(parents[i][step][j]), chosen[i][step][j], float64(totals[i][step][j])}
				alive = alive || branches[j].Token != Pad
			}
			if !alive {
				break
			}
			b.Steps = append(b.Steps, branches)
		}
	}
	return nil
}

func hypothesis(tokens []int32, logP float64) Hypothesis {
	for i, t := range tokens {
		if t == End {
			return Hypothesis{tokens[:i], logP, true}
		}
	}
	return Hypothesis{tokens, logP, false}
}

func (m *Model) rounded(length int) int {
	return min((length+lengthStep-1)/lengthStep*lengthStep, m.Config.MaxLength)
}

// checkText says what is wrong with a text, after "text n".
func (m *Model) checkText(tokens []int32, vocab int) error {
	if len(tokens) == 0 {
		return fmt.Errorf("is empty: give at least one token")
	}
	if len(tokens) > m.Config.MaxLength-1 {
		return fmt.Errorf("has %d tokens: the model takes at most %d (max_length less the end)", len(tokens), m.Config.MaxLength-1)
	}
	for _, t := range tokens {
		if t < Unknown || int(t) >= vocab {
			return fmt.Errorf("holds token %d: it must be %d to %d, and no special one but Unknown", t, Unknown, vocab-1)
		}
	}
	return nil
}

// Attention holds the weights of every attention for one pair of texts: [layer][head][query][key]. The source's keys end with End;
// the target's queries begin with Begin, each giving the token after it.
type Attention struct {
	Encoder, Decoder, Cross [][][][]float32
	LogP                    []float64 // of each target token, the end's last
}

// Attention computes the attention weights for a source and its translation, both without special tokens.
func (m *Model) Attention(ctx context.Context, source, target []int32) (*Attention, error) {
	if err := m.checkText(source, m.Config.SourceVocab); err != nil {
		return nil, fmt.Errorf("transformer: the source %w", err)
	}
	if err := m.checkText(target, m.Config.TargetVocab); err != nil {
		return nil, fmt.Errorf("transformer: the target %w", err)
	}
	net := m.net
	if m.Config.AttentionBlock > 0 { // blocks keep no weights; the parameters are the same
		c := m.Config
		c.AttentionBlock = 0
		var err error
		if net, err = NewNet(c); err != nil {
			return nil, err
		}
	}
	src, tgt := append(append([]int32{}, source...), End), append([]int32{Begin}, target...)
	out, err := m.run.Call(ctx, "look at attention", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		logits, w := net.Forward(s, in[0], in[1])
		list := []*graph.Node{graph.LogSoftmax(logits, -1)}
		for _, layers := range [][]*graph.Node{w.Encoder, w.Decoder, w.Cross} {
			list = append(list, layers...)
		}
		return list
	}, [][]int32{src}, [][]int32{tgt})
	if err != nil {
		return nil, err
	}
	a := &Attention{}
	rest := out[1:]
	for _, part := range []struct {
		into   *[][][][]float32
		layers int
	}{{&a.Encoder, m.Config.EncoderLayers}, {&a.Decoder, m.Config.DecoderLayers}, {&a.Cross, m.Config.DecoderLayers}} {
		for range part.layers {
			*part.into = append(*part.into, rest[0].Value().([][][][]float32)[0])
			rest = rest[1:]
		}
	}
	for i, row := range out[0].Value().([][][]float32)[0] {
		token := int32(End)
		if i < len(target) {
			token = target[i]
		}
		a.LogP = append(a.LogP, float64(row[token]))
	}
	return a, nil
}

// Probability is that of a hypothesis.
func (h Hypothesis) Probability() float64 { return math.Exp(h.LogP) }
