package notebook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
)

// Control is something that a person moves in [Explore]: a [Slider], a [TextBox] or a [Pad].
type Control interface{ field() field }

// Slider is a number between Min and Max.
type Slider struct {
	Name            string
	Min, Max, Value float64
	Step            float64 // 0: a hundredth of the range
}

// TextBox is a line of text.
type TextBox struct{ Name, Value string }

// Pad is a square to draw in with a soft brush, Side pixels a side: white on black, as MNIST's digits are.
type Pad struct {
	Name string
	Side int
}

// Sliders makes n sliders from one; their names are its name and a number from 1.
func Sliders(n int, like Slider) []Control {
	list := make([]Control, n)
	for i := range list {
		s := like
		s.Name = fmt.Sprint(like.Name, i+1)
		list[i] = s
	}
	return list
}

// Values is what the controls hold, by their names: a float64, a string, or the pixels of a pad.
type Values map[string]any

// Number is the value of a slider.
func (v Values) Number(name string) float64 { return value[float64](v, name) }

// Int is the value of a slider, rounded.
func (v Values) Int(name string) int { return int(math.Round(v.Number(name))) }

// Text is what stands in a text box.
func (v Values) Text(name string) string { return value[string](v, name) }

// Pixels is what is drawn on a pad, row by row, from 0, black, to 1.
func (v Values) Pixels(name string) []float32 { return value[pixels](v, name) }

func value[T any](v Values, name string) T {
	x, ok := v[name].(T)
	if !ok {
		Check(fmt.Errorf("there is no control of that kind named %q", name))
	}
	return x
}

type pixels []float32

// String says how much is drawn: a still panel shows it in place of the pad.
func (p pixels) String() string {
	n := 0
	for _, x := range p {
		if x > 0.5 {
			n++
		}
	}
	return fmt.Sprintf("%d pixels drawn", n)
}

// field is a control as the page and the loop know it.
type field struct {
	Kind, Name, ID string
	Min, Max, Step float64
	Side           int
	Now            string // the value as a still panel writes it
	Still          bool

	start any
	parse func(json.RawMessage) (any, error)
}

func (s Slider) field() field {
	if !(s.Min < s.Max) || s.Value < s.Min || s.Value > s.Max {
		Check(fmt.Errorf("slider %q goes from %g to %g and begins at %g: it must begin within a range that isn't empty", s.Name, s.Min, s.Max, s.Value))
	}
	if s.Step == 0 {
		s.Step = (s.Max - s.Min) / 100
	}
	return field{Kind: "slider", Name: s.Name, Min: s.Min, Max: s.Max, Step: s.Step, start: s.Value, parse: func(raw json.RawMessage) (any, error) {
		var x float64
		err := json.Unmarshal(raw, &x)
		return min(max(x, s.Min), s.Max), err
	}}
}

func (t TextBox) field() field {
	return field{Kind: "text", Name: t.Name, start: t.Value, parse: func(raw json.RawMessage) (any, error) {
		var x string
		err := json.Unmarshal(raw, &x)
		return x, err
	}}
}

func (p Pad) field() field {
	if p.Side < 1 || p.Side > 128 {
		Check(fmt.Errorf("pad %q is %d pixels a side: it must be 1 to 128", p.Name, p.Side))
	}
	return field{Kind: "pad", Name: p.Name, Side: p.Side, start: make(pixels, p.Side*p.Side), parse: func(raw json.RawMessage) (any, error) {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, err
		}
		bytes, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(bytes) != p.Side*p.Side {
			return nil, fmt.Errorf("a pad of %d values: there must be %d", len(bytes), p.Side*p.Side)
		}
		x := make(pixels, len(bytes))
		for i, b := range bytes {
			x[i] = float32(b) / 255
		}
		return x, nil
	}}
}
