package bert

import (
	"regexp"
	"strings"

	"genlab/lib/torch"
)

// rename is a rule from a published name to this package's.
type rename struct {
	from *regexp.Regexp
	to   string
}

func rules(pairs ...string) []rename {
	var list []rename
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, rename{regexp.MustCompile(pairs[i]), pairs[i+1]})
	}
	return list
}

// layouts are the names of models that differ from BERT in little else, by Hugging Face's model_type.
var layouts = map[string][]rename{
	"bert": rules(
		`\.gamma$`, ".weight", // of layer norms, as BERT was first converted
		`\.beta$`, ".bias",
	),
	"roberta": rules(
		`^roberta\.`, "bert.",
		`^lm_head\.dense\.`, "cls.predictions.transform.dense.",
		`^lm_head\.layer_norm\.`, "cls.predictions.transform.LayerNorm.",
		`^lm_head\.`, "cls.predictions.",
	),
	"distilbert": rules(
		`^distilbert\.`, "bert.",
		`\btransformer\.layer\.`, "encoder.layer.",
		`\.attention\.q_lin\.`, ".attention.self.query.",
		`\.attention\.k_lin\.`, ".attention.self.key.",
		`\.attention\.v_lin\.`, ".attention.self.value.",
		`\.attention\.out_lin\.`, ".attention.output.dense.",
		`\.sa_layer_norm\.`, ".attention.output.LayerNorm.",
		`\.ffn\.lin1\.`, ".intermediate.dense.",
		`\.ffn\.lin2\.`, ".output.dense.",
		`\.output_layer_norm\.`, ".output.LayerNorm.",
		`^vocab_transform\.`, "cls.predictions.transform.dense.",
		`^vocab_layer_norm\.`, "cls.predictions.transform.LayerNorm.",
		`^vocab_projector\.`, "cls.predictions.decoder.",
	),
}

// ownNames gives a published state_dict this package's names. What isn't a weight is left out.
func ownNames(state *torch.StateDict, layout []rename) *torch.StateDict {
	own := &torch.StateDict{}
	for _, name := range state.Names() {
		t, _ := state.Get(name)
		if strings.HasSuffix(name, "position_ids") {
			continue
		}
		for _, r := range layout {
			name = r.from.ReplaceAllString(name, r.to)
		}
		for _, part := range []string{"embeddings.", "encoder.", "pooler."} { // BertModel's own file
			if strings.HasPrefix(name, part) {
				name = "bert." + name
			}
		}
		own.Set(name, t)
	}
	return own
}

// headOf tells a state_dict's head by its names.
func headOf(state *torch.StateDict) (head Head, classes int) {
	has := func(name string) bool { _, ok := state.Get(name); return ok }
	switch {
	case has("cls.seq_relationship.weight"):
		return Pretraining, 0
	case has("cls.predictions.transform.dense.weight"):
		return MaskedLM, 0
	case has("qa_outputs.weight"):
		return Span, 0
	case has("classifier.weight"):
		w, _ := state.Get("classifier.weight")
		if has("bert.pooler.dense.weight") {
			return Sequence, w.Shape[0]
		}
		return Token, w.Shape[0]
	}
	return Embedder, 0
}

// headParts begin the names of heads, of which a file may have more than a model.
var headParts = []string{"cls.", "classifier.", "qa_outputs.", "bert.pooler."}

// isOfHead says whether a weight belongs to a head.
func isOfHead(name string) bool {
	for _, part := range headParts {
		if strings.HasPrefix(name, part) {
			return true
		}
	}
	return false
}
