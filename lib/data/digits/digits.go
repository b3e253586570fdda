// Package digits makes pictures of one to four handwritten digits in two rows, with captions in English and Russian: "three sevens and a two".
package digits

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/captions"
	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
)

// Group is a digit, so many times.
type Group struct{ Digit, Count int }

// Numbers are one group or two, four digits at most together; the first stands first.
type Numbers []Group

// Random draws what a caption may say.
func Random(rng *rand.Rand) Numbers {
	first := Group{rng.IntN(10), 1 + rng.IntN(4)}
	if first.Count == 4 || rng.IntN(3) == 0 {
		return Numbers{first}
	}
	second := Group{rng.IntN(9), 1 + rng.IntN(4-first.Count)}
	if second.Digit >= first.Digit {
		second.Digit++ // another digit
	}
	return Numbers{first, second}
}

var (
	english = [10]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	counts  = [...]string{2: "two", 3: "three", 4: "four"}
	russian = [10]string{"", "единиц", "двойк", "тройк", "четвёрк", "пятёрк", "шестёрк", "семёрк", "восьмёрк", "девятк"} // feminine, without ending
)

// English says the numbers.
func (n Numbers) English() string {
	return n.join(" and ", func(g Group) string {
		name := english[g.Digit]
		switch {
		case g.Count == 1 && g.Digit == 8:
			return "an " + name
		case g.Count == 1:
			return "a " + name
		case g.Digit == 6:
			return counts[g.Count] + " " + name + "es"
		}
		return counts[g.Count] + " " + name + "s"
	})
}

// Russian says the numbers.
func (n Numbers) Russian() string {
	return n.join(" и ", func(g Group) string {
		if g.Digit == 0 { // masculine
			return [...]string{1: "ноль", 2: "два ноля", 3: "три ноля", 4: "четыре ноля"}[g.Count]
		}
		ending := "а"
		if g.Count > 1 {
			ending = "и"
			if g.Digit == 1 {
				ending = "ы"
			}
		}
		return [...]string{1: "", 2: "две ", 3: "три ", 4: "четыре "}[g.Count] + russian[g.Digit] + ending
	})
}

func (n Numbers) join(and string, say func(Group) string) string {
	text := say(n[0])
	for _, g := range n[1:] {
		text += and + say(g)
	}
	return text
}

// Longest is the number of words of the longest caption.
const Longest = 5

// Words are those of all captions in both languages.
func Words() captions.Vocabulary {
	var list []string
	for digit := range 10 {
		for count := 1; count <= 4; count++ {
			n := Numbers{{digit, count}, {digit, 1}}
			list = append(list, n.English(), n.Russian())
		}
	}
	return captions.Of(list...)
}

// Batches gives endless fresh pictures, Each batches of Size an epoch. It has the methods of train.Dataset.
type Batches struct {
	Digits *mnist.Split
	Pixels int // of a picture's side; a digit is half as high and wide
	Size   int // pictures a batch
	Each   int // batches an epoch
	Seed   uint64
	// Texts gives the captions' tokens before the pictures, half of them in each language.
	Texts bool
}

// Steps is the number of batches an epoch.
func (b Batches) Steps() int { return b.Each }

// Identity says what the data is, for the run that trains on it.
func (b Batches) Identity() (map[string]any, error) {
	return map[string]any{"kind": "digits", "digits": b.Digits.Len(), "pixels": b.Pixels, "batch": b.Size, "steps": b.Each, "seed": b.Seed, "texts": b.Texts}, nil
}

// Batch gives captions, int32 [Size, Longest], if b.Texts, and pictures [Size, Pixels, Pixels, 3]. They depend on nothing but the digits,
// the seed, epoch and step.
func (b Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if b.Size < 1 || b.Pixels < 8 || b.Pixels%2 != 0 {
		return nil, fmt.Errorf("digits: Size is %d and Pixels %d: they must be at least 1 and an even number of at least 8", b.Size, b.Pixels)
	}
	rng := rand.New(rand.NewPCG(b.Seed, uint64(epoch)<<32|uint64(step)))
	of := b.byDigit()
	texts, pictures := make([]string, b.Size), make([][]byte, b.Size)
	for i := range b.Size {
		n := Random(rng)
		if texts[i] = n.English(); rng.IntN(2) == 1 {
			texts[i] = n.Russian()
		}
		pictures[i] = b.draw(rng, of, n)
	}
	x := tensors.FromShape(shapes.Make(dtypes.Float32, b.Size, b.Pixels, b.Pixels, 3))
	err := tensors.MutableFlatData(x, func(flat []float32) {
		for i, p := range pictures {
			for k, v := range p {
				for c := range 3 {
					flat[(i*len(p)+k)*3+c] = float32(v) / 255
				}
			}
		}
	})
	if err != nil || !b.Texts {
		return []*tensors.Tensor{x}, err
	}
	tokens, err := Words().EncodeAll(texts, Longest)
	return []*tensors.Tensor{tensors.FromValue(tokens), x}, err
}

// byDigit are the places of each digit's pictures.
func (b Batches) byDigit() (places [10][]int) {
	for i, label := range b.Digits.Labels {
		places[label] = append(places[label], i)
	}
	return places
}

// draw gives [Pixels·Pixels], grey.
func (b Batches) draw(rng *rand.Rand, of [10][]int, n Numbers) []byte {
	half, each := b.Pixels/2, b.Digits.Rows*b.Digits.Cols
	picture, cell := make([]byte, b.Pixels*b.Pixels), make([]byte, half*half)
	at := 0
	for _, g := range n {
		for range g.Count {
			which := of[g.Digit][rng.IntN(len(of[g.Digit]))]
			images.Resize(cell, half, half, b.Digits.Images[which*each:(which+1)*each], b.Digits.Rows, b.Digits.Cols, 1)
			for y := range half {
				copy(picture[(at/2*half+y)*b.Pixels+at%2*half:], cell[y*half:(y+1)*half])
			}
			at++
		}
	}
	return picture
}
