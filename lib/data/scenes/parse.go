package scenes

import (
	"strings"
	"sync"

	"genlab/lib/data/captions"
)

// Parse finds the scene that a caption, in either language, says; ok is false for one that none of the made scenes has.
func Parse(caption string) (s Scene, ok bool) {
	s, ok = known()[key(caption)]
	return s, ok
}

func key(caption string) string { return strings.Join(captions.Words(caption), " ") }

// known has each caption's scene.
var known = sync.OnceValue(func() map[string]Scene {
	all := map[string]Scene{}
	add := func(s Scene) {
		if s.possible() {
			for _, text := range s.both() {
				all[key(text)] = s
			}
		}
	}
	var plain, sized []Thing
	for shape := range shapes {
		for colour := range colours {
			for size := AnySize; size <= Large; size++ {
				t := Thing{size, colour, shape}
				if sized = append(sized, t); size == AnySize {
					plain = append(plain, t)
				}
			}
		}
	}
	for _, a := range sized {
		for count := 1; count <= 3; count++ {
			add(Scene{Things: []Thing{a}, Count: count})
		}
		for _, b := range sized {
			for r := LeftOf; r < Inside; r++ {
				add(Scene{Things: []Thing{a, b}, Count: 1, Relation: r})
			}
		}
	}
	for _, a := range plain {
		for _, b := range plain {
			add(Scene{Things: []Thing{a, b}, Count: 1})
			if b.Shape < Triangle {
				add(Scene{Things: []Thing{a, b}, Count: 1, Relation: Inside})
			}
			for _, c := range plain {
				add(Scene{Things: []Thing{a, b, c}, Count: 1})
			}
		}
	}
	return all
})
