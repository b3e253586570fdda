// Package scenes makes small pictures of coloured shapes with captions in English and Russian, and reads a picture back into what it
// shows: so a program can say whether a picture obeys its caption.
package scenes

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
)

// Shape of a thing.
type Shape int

// The shapes.
const (
	Circle Shape = iota
	Square
	Triangle
	Star
	Ring
	Cross
	shapes // how many there are
)

// Colour of a thing.
type Colour int

// The colours.
const (
	Red Colour = iota
	Green
	Blue
	Yellow
	Purple
	White
	colours // how many there are
)

// Size of a thing.
type Size int

// The sizes; a caption may leave it open.
const (
	AnySize Size = iota
	Small
	Large
)

// Relation of the first of two things to the second.
type Relation int

// The relations; None is of things that stand anywhere.
const (
	None Relation = iota
	LeftOf
	RightOf
	Above
	Below
	Inside
	relations // how many there are
)

// Thing is what a caption says of one thing.
type Thing struct {
	Size   Size
	Colour Colour
	Shape  Shape
}

// Scene is what a caption says: a thing, two or three alike, two in a relation, or two or three different ones.
type Scene struct {
	Things   []Thing
	Count    int // of things alike, where there is one Thing; else 1
	Relation Relation
}

// Kind is the caption's: "one", "count", "relation" or "list".
func (s Scene) Kind() string {
	switch {
	case s.Relation != None:
		return "relation"
	case len(s.Things) > 1:
		return "list"
	case s.Count > 1:
		return "count"
	}
	return "one"
}

// Kinds are those of [Scene.Kind].
var Kinds = []string{"one", "count", "relation", "list"}

// Split is what a scene is for.
type Split int

// The splits. A training sees no caption of HeldOut, in neither language, and nothing with a colour and a shape together as in Combination.
const (
	Training Split = iota
	HeldOut
	Combination
)

// combinations are the colours and shapes that never stand together in a training.
var combinations = []Thing{{Colour: Red, Shape: Star}, {Colour: Blue, Shape: Ring}, {Colour: Green, Shape: Triangle}, {Colour: Yellow, Shape: Cross}}

// Split says what a scene is for; which captions are held out, a twentieth, is a matter of their hash.
func (s Scene) Split() Split {
	for _, t := range s.Things {
		for _, c := range combinations {
			if t.Colour == c.Colour && t.Shape == c.Shape {
				return Combination
			}
		}
	}
	h := fnv.New64a()
	fmt.Fprint(h, s)
	if h.Sum64()%20 == 0 {
		return HeldOut
	}
	return Training
}

// Random draws what a caption may say, of the given split.
func Random(rng *rand.Rand, split Split) Scene {
	for {
		if s := random(rng); s.Split() == split {
			return s
		}
	}
}

func random(rng *rand.Rand) Scene {
	thing := func() Thing { return Thing{AnySize, Colour(rng.IntN(int(colours))), Shape(rng.IntN(int(shapes)))} }
	sized := func() Thing {
		t := thing()
		if rng.IntN(2) == 0 {
			t.Size = Small + Size(rng.IntN(2))
		}
		return t
	}
	for {
		var s Scene
		switch p := rng.IntN(10); {
		case p < 2:
			s = Scene{Things: []Thing{sized()}, Count: 1}
		case p < 4:
			s = Scene{Things: []Thing{sized()}, Count: 2 + rng.IntN(2)}
		case p < 8:
			s = Scene{Things: []Thing{sized(), sized()}, Count: 1, Relation: LeftOf + Relation(rng.IntN(int(relations)-1))}
			if s.Relation == Inside {
				s.Things[0].Size, s.Things[1].Size = AnySize, AnySize
				s.Things[1].Shape = Shape(rng.IntN(int(Triangle))) // a circle or a square has the room
			}
		default:
			s = Scene{Count: 1}
			for range 2 + rng.IntN(2) {
				s.Things = append(s.Things, thing())
			}
		}
		if s.possible() {
			return s
		}
	}
}

// possible says whether a scene can be drawn and read back.
func (s Scene) possible() bool {
	if s.Count > 2 && s.Things[0].Size == Large {
		return false // three have no room
	}
	if s.Relation == Inside && s.Things[0].Colour == s.Things[1].Colour {
		return false
	}
	for i, a := range s.Things {
		for _, b := range s.Things[:i] {
			if a.Colour == b.Colour && a.Shape == b.Shape {
				return false
			}
		}
	}
	return true
}
