package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"genlab/lib/data/text"
	"genlab/lib/data/tokens"
	"genlab/lib/models/gpt"
)

func newTrainGPTCmd() *cobra.Command {
	cfg := gpt.Recipe()
	cfg.Model = gpt.Default(0)
	var path, preset, conversations string
	var batch, steps, vocabulary int
	cmd := &cobra.Command{
		Use:   "gpt",
		Short: "Train a GPT on a text",
		Long: `Train a GPT on a text file or a folder of them: by default Newton's Opticks, which comes with Go. The first nine tenths of the
text train it, the rest measures it, and the weights that do best on that are kept. An unfinished run in the same directory is gone
on with. An epoch is --steps steps.`,
		Example: `  genlab train gpt                                   # 2000 steps on the Opticks in runs/gpt
  genlab train gpt --text ~/novels --vocabulary 2000 --context 128 --run runs/novels
  genlab train gpt --preset modern --run runs/gpt-modern
  genlab train gpt --chat made --vocabulary 640 --context 96 \
      --batch 16 --rate 2e-3 --steps 560 --epochs 5 --run runs/chat`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := applyPreset(cmd, preset, &cfg.Model); err != nil {
				return err
			}
			if err := os.MkdirAll(cfg.Run, 0o755); err != nil {
				return err
			}
			if conversations != "" {
				return trainChat(cmd, cfg, conversations, batch, steps, vocabulary)
			}
			if path == "" {
				var err error
				if path, err = text.Opticks(cmd.Context()); err != nil {
					return err
				}
			}
			tok, training, validation, repeated, err := readTokens(path, vocabulary)
			if err != nil {
				return err
			}
			sayRepeated(cmd, repeated)
			cfg.Model.VocabSize = tok.Len()
			windows, err := text.NewWindows(training, text.BatchConfig{Size: batch, Length: cfg.Model.Context, Seed: cfg.Seed, Steps: steps})
			if err != nil {
				return err
			}
			cfg.Validation, err = text.NewWindows(validation, text.BatchConfig{Size: batch, Length: cfg.Model.Context, Seed: 1, Steps: 200})
			if err != nil {
				return fmt.Errorf("the validation part: %w", err)
			}
			if err := keepTokenizer(cfg.Run, tok); err != nil {
				return err
			}
			if _, err := gpt.Train(cmd.Context(), cfg, windows); err != nil {
				return err
			}
			return reportRun(cmd, cfg.Options, "val_loss", "nats a token of the validation text",
				fmt.Sprintf("genlab sample gpt --run %s", quote(cfg.Run)))
		},
	}
	f := cmd.Flags()
	f.StringVar(&path, "text", "", "UTF-8 text file, or a folder of them (default Newton's Opticks, which comes with Go)")
	f.StringVar(&conversations, "chat", "", "learn to answer instead: from made conversations (made), or from a file of JSON lines")
	f.IntVar(&vocabulary, "vocabulary", 0, "learn a byte-level BPE vocabulary of so many tokens from the text; 0 takes characters")
	f.StringVar(&preset, "preset", "default", "the model: tiny, default, modern (rotary, RMSNorm, SwiGLU, grouped heads) or gpt2; the flags below change it")
	f.IntVar(&cfg.Model.Context, "context", cfg.Model.Context, "longest text that it sees, in tokens")
	f.IntVar(&cfg.Model.Layers, "layers", cfg.Model.Layers, "layers")
	f.IntVar(&cfg.Model.Heads, "heads", cfg.Model.Heads, "heads of attention")
	f.IntVar(&cfg.Model.Embed, "embed", cfg.Model.Embed, "width")
	f.Float64Var(&cfg.Model.Dropout, "dropout", cfg.Model.Dropout, "dropout")
	f.Float64Var(&cfg.Rate, "rate", cfg.Rate, "highest learning rate")
	f.Float64Var(&cfg.MinRate, "min-rate", cfg.MinRate, "last learning rate")
	f.IntVar(&cfg.Warmup, "warmup", cfg.Warmup, "steps until the highest learning rate")
	f.Float64Var(&cfg.Decay, "decay", cfg.Decay, "weight decay of matrices")
	f.Float64Var(&cfg.Clip, "clip", cfg.Clip, "longest gradient; 0 doesn't clip")
	f.IntVar(&cfg.Accumulate, "accumulate", 1, "parts that a batch is computed in, to save memory")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of weights, order and dropout")
	f.IntVar(&batch, "batch", 12, "texts a step")
	f.IntVar(&steps, "steps", 250, "steps an epoch, after which the validation loss is measured")
	trainFlags(f, &cfg.Options, "runs/gpt", 8)
	return cmd
}

// applyPreset puts a preset in the place of the default model, but for what flags say.
func applyPreset(cmd *cobra.Command, name string, c *gpt.Config) error {
	presets := map[string]func() gpt.Config{
		"tiny":    func() gpt.Config { return gpt.Tiny(0) },
		"default": func() gpt.Config { return gpt.Default(0) },
		"modern":  func() gpt.Config { return gpt.Modern(0) },
		"gpt2":    gpt.GPT2,
	}
	make, ok := presets[name]
	if !ok {
		return fmt.Errorf("--preset is %q: it must be tiny, default, modern or gpt2", name)
	}
	given := *c
	*c = make()
	for flag, set := range map[string]func(){
		"context": func() { c.Context = given.Context },
		"layers":  func() { c.Layers = given.Layers },
		"heads":   func() { c.Heads = given.Heads },
		"embed":   func() { c.Embed = given.Embed },
		"dropout": func() { c.Dropout = given.Dropout },
	} {
		if cmd.Flags().Changed(flag) {
			set()
		}
	}
	if c.KVHeads != 0 {
		c.KVHeads = max(1, c.Heads/2)
	}
	return nil
}

// readTokens numbers a text, by characters or by a BPE vocabulary learnt from the training part, and splits it.
func readTokens(path string, vocabulary int) (tok tokens.Tokenizer, training, validation []int32, repeated float64, err error) {
	all, err := tokens.ReadText(path)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	const share = 0.9
	if vocabulary == 0 {
		c, err := text.New(all, share)
		if err != nil {
			return nil, nil, nil, 0, fmt.Errorf("%s: %w", path, err)
		}
		return c.Vocab, c.Train, c.Validation, c.Repeated, nil
	}
	if all == "" {
		return nil, nil, nil, 0, fmt.Errorf("%s is empty", path)
	}
	cut := int(share * float64(len(all)))
	for cut > 0 && all[cut]&0xC0 == 0x80 { // not amid a character
		cut--
	}
	bpe, err := tokens.Learn(all[:cut], vocabulary)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	if training, err = bpe.Encode(all[:cut]); err == nil {
		validation, err = bpe.Encode(all[cut:])
	}
	return bpe, training, validation, text.Repeated(all[:cut], all[cut:]), err
}

// sayRepeated says when a text repeats itself so much that its held-out part is no new text.
func sayRepeated(cmd *cobra.Command, share float64) {
	if share > 0.2 {
		cmd.PrintErrf("%.0f%% of the held-out lines stand in the training part too: what is measured on them says little of new texts\n", 100*share)
	}
}

// keepTokenizer writes the tokenizer into the run, or holds it against the one that is there.
func keepTokenizer(run string, tok tokens.Tokenizer) error {
	old, err := tokens.Open(run)
	if errors.Is(err, os.ErrNotExist) {
		return tokens.Save(run, tok)
	}
	if err != nil {
		return err
	}
	if old.Len() != tok.Len() {
		return fmt.Errorf("%s was started on a text with %d tokens, this one has %d: give the same text, or name another run directory", run, old.Len(), tok.Len())
	}
	for id := range int32(tok.Len()) {
		before, err := old.Decode([]int32{id})
		now, err2 := tok.Decode([]int32{id})
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if before != now {
			return fmt.Errorf("%s was started on another text, whose tokens are others: give the same text, or name another run directory", run)
		}
	}
	return nil
}

func newSampleGPTCmd() *cobra.Command {
	var run, weights, prompt string
	cfg := gpt.SampleConfig{Tokens: 500, Temperature: 0.8, Seed: 1, Slide: true}
	var stops []string
	cmd := &cobra.Command{
		Use:   "gpt",
		Short: "Write text with a GPT; it shows as it comes",
		Example: `  genlab sample gpt --prompt "The Light of the Sun"
  genlab sample gpt --temperature 1 --top-p 0.9 --tokens 2000 --seed 7
  genlab sample gpt --pretrained ~/models/gpt2 --prompt "Alan Turing" --top-k 40`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, tok, err := openGPT(run, weights)
			if err != nil {
				return err
			}
			return writeText(cmd, m, tok, prompt, stops, cfg)
		},
	}
	f := cmd.Flags()
	f.StringVar(&run, "run", "runs/gpt", "the run's directory")
	f.StringVar(&weights, "pretrained", "", "a folder with GPT-2 as Hugging Face publishes it, instead of a run: config.json, model.safetensors, vocab.json, merges.txt")
	f.StringVar(&prompt, "prompt", "\n", "text to go on from")
	f.IntVarP(&cfg.Tokens, "tokens", "n", cfg.Tokens, "tokens to write")
	f.Float64Var(&cfg.Temperature, "temperature", cfg.Temperature, "0 takes the likeliest; higher is bolder")
	f.IntVar(&cfg.TopK, "top-k", 0, "draw among so many likeliest tokens; 0 is all")
	f.Float64Var(&cfg.TopP, "top-p", 0, "draw among the likeliest that together have this probability; 0 is all")
	f.Float64Var(&cfg.Penalty, "repetition-penalty", 0, "lowers what the text has already, 1.2 say; 0 does nothing")
	f.StringArrayVar(&stops, "stop", nil, "end at this text; may be given more than once")
	f.BoolVar(&cfg.Slide, "slide", true, "when the context is full, forget the first half of it and go on")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "the same seed gives the same text")
	return cmd
}

// openGPT opens a run, or a published model.
func openGPT(run, pretrained string) (m *gpt.Model, tok tokens.Tokenizer, err error) {
	folder := run
	if pretrained != "" {
		folder = pretrained
		m, err = gpt.OpenPretrained(pretrained)
	} else {
		m, err = gpt.Open(run)
	}
	if err != nil {
		return nil, nil, err
	}
	tok, err = openTokenizer(folder, m)
	return m, tok, err
}

// errStopped ends a sampling at a stop string.
var errStopped = errors.New("stopped")

// writeText writes a prompt and what follows it, piece by piece, until a stop string would begin.
func writeText(cmd *cobra.Command, m *gpt.Model, tok tokens.Tokenizer, prompt string, stops []string, cfg gpt.SampleConfig) error {
	ids, err := tok.Encode(prompt)
	if err != nil {
		return fmt.Errorf("--prompt: %w", err)
	}
	out := cmd.OutOrStdout()
	stream := tokens.Stream{Tokenizer: tok}
	stop := tokens.Stopper{Stops: stops}
	cfg.Stream = func(texts [][]int32) error {
		piece, err := stream.Add(texts[0]...)
		if err != nil {
			return err
		}
		piece, ended := stop.Add(piece)
		if _, err := fmt.Fprint(out, piece); err != nil {
			return err
		}
		if ended {
			return errStopped
		}
		return nil
	}
	if _, err := fmt.Fprint(out, prompt); err != nil {
		return err
	}
	if _, err = m.Sample(cmd.Context(), [][]int32{ids}, cfg); err != nil && !errors.Is(err, errStopped) {
		return err
	}
	_, err = fmt.Fprintln(out, stop.Rest())
	return err
}
