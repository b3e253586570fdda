package diagram

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func all() map[string]string {
	return map[string]string{
		"chain": Chain("A chain of three.", "in", "middle\n3", "out"), "gan": GAN(), "cyclegan": CycleGAN(), "stylegan3": StyleGAN3(64, 64, []int{12, 12, 20, 20, 28, 40, 40, 36}),
		"rnn": RNN(4), "lstm": LSTM(), "gru": GRU(), "head": Head(16), "heads": Heads(4, 64), "transformer": EncoderDecoder(3),
		"gpt": GPT(4, 4, 128, 64, 91), "bert": BERT(4, 4, 128), "vit": ViT(28, 7, 4, 64, 10), "vae": VAE(784, 400, 20),
		"anomaly": Anomaly(60, 8, 4), "dalle": DALLE(8, 512, 12), "clip": CLIP(6), "gatys": Gatys(), "autoregression": Autoregression(3), "masks": Masks(5),
		"wavenet": WaveNet([]int{1, 2, 4, 8, 16}, 256),
	}
}

// TestDiagrams: each is well formed, says what it shows, and draws nothing beyond its edges. DIAGRAMS=FOLDER writes them, to be looked at.
func TestDiagrams(t *testing.T) {
	for name, svg := range all() {
		if dir := os.Getenv("DIAGRAMS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".svg"), []byte(svg), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var width, height float64
		title, inTitle := "", false
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch tok := tok.(type) {
			case xml.CharData:
				if inTitle {
					title += string(tok)
				}
			case xml.EndElement:
				inTitle = false
			case xml.StartElement:
				inTitle = tok.Name.Local == "title"
				a := map[string]string{}
				for _, attr := range tok.Attr {
					a[attr.Name.Local] = attr.Value
				}
				number := func(key string) float64 { v, _ := strconv.ParseFloat(a[key], 64); return v }
				if tok.Name.Local == "svg" {
					width, height = number("width"), number("height")
					if a["role"] != "img" || len(a["aria-label"]) < 15 {
						t.Errorf("%s has no alt text", name)
					}
				}
				corners := []float64{number("x"), number("y"), number("x") + number("width"), number("y") + number("height"), number("cx"), number("cy")}
				for _, v := range strings.FieldsFunc(a["points"], func(r rune) bool { return r == ' ' || r == ',' }) {
					p, err := strconv.ParseFloat(v, 64)
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
					corners = append(corners, p)
				}
				for i, v := range corners {
					if most := []float64{width, height}[i%2]; v < 0 || v > most {
						t.Errorf("%s: %s at %g is beyond %g", name, tok.Name.Local, v, most)
					}
				}
			}
		}
		if len(title) < 15 {
			t.Errorf("%s has no title", name)
		}
	}
}
