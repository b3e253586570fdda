package command

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/tokens"
)

// embedding is what `embed` takes.
type embedding struct {
	Model string `flag:"model" help:"fetched weights, a folder of Hugging Face's, or a run"`
	File  string `flag:"file" help:"a text a line, from this file"`
	Out   string `flag:"out" help:"write the vectors, [text, width] of float32, to this .npy file instead of JSON lines"`
	Long  string `flag:"long" help:"what becomes of a text that is too long: cut, window (the mean of its parts) or refuse"`
}

const longHelp = "a text beyond the model's longest is cut, unless --long says otherwise"

func newEmbed() *cobra.Command {
	c := embedding{Model: "minilm", Long: "cut"}
	cmd := &cobra.Command{
		Use:   "embed [TEXT ...]",
		Short: "Turn texts into vectors that lie near each other where the meanings do",
		Long: `Turn texts into vectors of length 1, whose products say how alike the meanings are: those given, or the lines of --file, or those of
standard input. ` + strings.ToUpper(longHelp[:1]) + longHelp[1:] + `. Its weights come by: genlab data minilm.`,
		Example: `  genlab embed 'Light is refracted.'
  genlab embed --file lines.txt --out vectors.npy`,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, texts []string) error {
		switch {
		case c.File != "" && len(texts) > 0:
			return errors.New("give texts or --file, not both")
		case c.File != "":
			all, err := tokens.ReadText(c.File)
			if err != nil {
				return err
			}
			texts = lines(all)
		case len(texts) == 0:
			all, err := io.ReadAll(cmd.InOrStdin())
			if err != nil {
				return err
			}
			texts = lines(string(all))
		}
		if len(texts) == 0 {
			return errors.New("there is no text to embed")
		}
		m, err := open(c.Model)
		if err != nil {
			return err
		}
		vectors, err := m.embed(cmd.Context(), texts, c.Long)
		if err != nil {
			return err
		}
		if c.Out != "" {
			if err := writeNPY(c.Out, vectors); err != nil {
				return err
			}
			cmd.Printf("%d vectors of %d: %s\n", len(vectors), len(vectors[0]), c.Out)
			return nil
		}
		out := json.NewEncoder(cmd.OutOrStdout())
		out.SetEscapeHTML(false)
		for i, v := range vectors {
			line := struct {
				Text      string    `json:"text"`
				Embedding []float32 `json:"embedding"`
			}{texts[i], v}
			if err := out.Encode(line); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// embed gives each text's vector. long says what becomes of a text of too many pieces.
func (o *opened) embed(ctx context.Context, texts []string, long string) ([][]float32, error) {
	var parts [][]int32
	of := make([]int, 0, len(texts)) // the text that a part is of
	for i, text := range texts {
		all := o.tok.One(text, 0).IDs()
		switch {
		case len(all) <= o.longest:
			parts, of = append(parts, all), append(of, i)
		case long == "cut":
			parts, of = append(parts, o.tok.One(text, o.longest).IDs()), append(of, i)
		case long == "refuse":
			return nil, fmt.Errorf("text %d, %.40q…, has %d pieces: it must have at most %d; see --long", i+1, text, len(all), o.longest)
		case long == "window":
			inner := all[1 : len(all)-1]
			for from := 0; from < len(inner); from += o.longest - 2 {
				part := append([]int32{o.tok.Start}, inner[from:min(len(inner), from+o.longest-2)]...)
				parts, of = append(parts, append(part, o.tok.End)), append(of, i)
			}
		default:
			return nil, fmt.Errorf("--long is %q: it must be cut, window or refuse", long)
		}
	}
	vectors, err := o.Embed(ctx, parts)
	if err != nil {
		return nil, err
	}
	sums := make([][]float32, len(texts))
	for p, v := range vectors {
		sum := &sums[of[p]]
		if *sum == nil {
			*sum = make([]float32, len(v))
		}
		for k, x := range v {
			(*sum)[k] += x
		}
	}
	for p := range vectors {
		if p > 0 && of[p] == of[p-1] { // of several parts
			unit(sums[of[p]])
		}
	}
	return sums, nil
}

// unit makes a vector's length 1.
func unit(v []float32) {
	length := math.Sqrt(dot(v, v))
	for k := range v {
		v[k] = float32(float64(v[k]) / length)
	}
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for k := range a {
		sum += float64(a[k]) * float64(b[k])
	}
	return sum
}

// writeNPY writes a matrix as NumPy's format 1.0 has it.
func writeNPY(path string, rows [][]float32) error {
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", len(rows), len(rows[0]))
	const before = 10 // bytes: the magic word, the version, the header's length
	header += strings.Repeat(" ", 63-(before+len(header))%64) + "\n"
	raw := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	raw = append(raw, header...)
	for _, row := range rows {
		for _, x := range row {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
		}
	}
	return renameio.WriteFile(path, raw, os.FileMode(0o644))
}
