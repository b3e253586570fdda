package scenes

import (
	"fmt"
	"strings"
	"sync"

	"genlab/lib/data/captions"
)

// Language of a caption.
type Language int

// The languages.
const (
	English Language = iota
	Russian
)

// Languages are both.
var Languages = []Language{English, Russian}

// String is the language's code.
func (l Language) String() string { return [...]string{"en", "ru"}[l] }

// Caption says in a language what the scene is.
func (s Scene) Caption(l Language) string {
	if l == Russian {
		return s.russian()
	}
	return s.english()
}

var (
	englishShapes  = [shapes]string{"circle", "square", "triangle", "star", "ring", "cross"}
	englishPlurals = [shapes]string{"circles", "squares", "triangles", "stars", "rings", "crosses"}
	englishColours = [colours]string{"red", "green", "blue", "yellow", "purple", "white"}
	englishSizes   = [...]string{Small: "small ", Large: "large "}
	englishPlaces  = [relations]string{None: "", LeftOf: "left of", RightOf: "right of", Above: "above", Below: "below", Inside: "inside"}
)

func (s Scene) english() string {
	one := func(t Thing) string {
		return fmt.Sprintf("a %s%s %s", englishSizes[t.Size], englishColours[t.Colour], englishShapes[t.Shape])
	}
	t := s.Things[0]
	switch s.Kind() {
	case "count":
		return fmt.Sprintf("%s %s%s %s", [...]string{2: "two", 3: "three"}[s.Count], englishSizes[t.Size], englishColours[t.Colour], englishPlurals[t.Shape])
	case "relation":
		return fmt.Sprintf("%s %s %s", one(t), englishPlaces[s.Relation], one(s.Things[1]))
	}
	return s.list(one, "and")
}

// list puts the things after each other, with a word before the last.
func (s Scene) list(one func(Thing) string, and string) string {
	var each []string
	for _, t := range s.Things {
		each = append(each, one(t))
	}
	last := len(each) - 1
	if last == 0 {
		return each[0]
	}
	return strings.Join(each[:last], ", ") + " " + and + " " + each[last]
}

// Words are those of all captions in both languages.
var Words = sync.OnceValue(func() captions.Vocabulary {
	var list []string
	// Each word stands in a caption of one thing, of things alike, or of two that are one in relation to the other.
	for shape := range shapes {
		for colour := range colours {
			for size := AnySize; size <= Large; size++ {
				t := Thing{size, colour, shape}
				for count := 1; count <= 3; count++ {
					list = append(list, Scene{Things: []Thing{t}, Count: count}.both()...)
				}
				for r := None; r < relations; r++ {
					list = append(list, Scene{Things: []Thing{t, t}, Count: 1, Relation: r}.both()...)
				}
			}
		}
	}
	list = append(list, Scene{Things: make([]Thing, 3), Count: 1}.both()...)
	return captions.Of(list...)
})

func (s Scene) both() []string { return []string{s.english(), s.russian()} }

// Longest is the number of words of the longest caption.
const Longest = 12
