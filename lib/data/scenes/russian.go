package scenes

import "fmt"

// gender of a Russian noun.
type gender int

const (
	masculine gender = iota
	feminine
	neuter
)

// Forms that captions need: nominative, genitive, instrumental, and that after two and three.
const (
	nominative = iota
	genitive
	instrumental
	few
)

// noun has its forms; after two and three a noun stands in the genitive.
type noun struct {
	gender gender
	forms  [3]string
}

var russianShapes = [shapes]noun{
	Circle:   {masculine, [3]string{"круг", "круга", "кругом"}},
	Square:   {masculine, [3]string{"квадрат", "квадрата", "квадратом"}},
	Triangle: {masculine, [3]string{"треугольник", "треугольника", "треугольником"}},
	Star:     {feminine, [3]string{"звезда", "звезды", "звездой"}},
	Ring:     {neuter, [3]string{"кольцо", "кольца", "кольцом"}},
	Cross:    {masculine, [3]string{"крест", "креста", "крестом"}},
}

func (n noun) in(form int) string {
	if form == few {
		form = genitive
	}
	return n.forms[form]
}

// endings of adjectives, by gender and form. After two and three, masculine and neuter nouns have theirs in the genitive plural, feminine
// ones in the nominative plural.
type endings [3][4]string

var (
	hard = endings{masculine: {"ый", "ого", "ым", "ых"}, feminine: {"ая", "ой", "ой", "ые"}, neuter: {"ое", "ого", "ым", "ых"}}
	soft = endings{masculine: {"ий", "его", "им", "их"}, feminine: {"яя", "ей", "ей", "ие"}, neuter: {"ее", "его", "им", "их"}}
	// After к, and for большой, whose ending is stressed.
	mixed    = endings{masculine: {"ий", "ого", "им", "их"}, feminine: {"ая", "ой", "ой", "ие"}, neuter: {"ое", "ого", "им", "их"}}
	stressed = endings{masculine: {"ой", "ого", "им", "их"}, feminine: {"ая", "ой", "ой", "ие"}, neuter: {"ое", "ого", "им", "их"}}
)

type adjective struct {
	stem    string
	endings *endings
}

func (a adjective) in(g gender, form int) string { return a.stem + a.endings[g][form] }

var (
	russianColours = [colours]adjective{
		Red: {"красн", &hard}, Green: {"зелён", &hard}, Blue: {"син", &soft}, Yellow: {"жёлт", &hard}, Purple: {"фиолетов", &hard}, White: {"бел", &hard},
	}
	russianSizes = [...]adjective{Small: {"маленьк", &mixed}, Large: {"больш", &stressed}}
	// russianPlaces are prepositions and the case that they govern.
	russianPlaces = [relations]struct {
		text string
		form int
	}{
		LeftOf: {"слева от", genitive}, RightOf: {"справа от", genitive}, Above: {"над", instrumental}, Below: {"под", instrumental}, Inside: {"внутри", genitive},
	}
)

// russian says the thing in a form.
func (t Thing) russian(form int) string {
	n := russianShapes[t.Shape]
	text := russianColours[t.Colour].in(n.gender, form) + " " + n.in(form)
	if t.Size != AnySize {
		text = russianSizes[t.Size].in(n.gender, form) + " " + text
	}
	return text
}

func (s Scene) russian() string {
	t := s.Things[0]
	switch s.Kind() {
	case "count":
		number := "три"
		if s.Count == 2 {
			number = [...]string{masculine: "два", feminine: "две", neuter: "два"}[russianShapes[t.Shape].gender]
		}
		return number + " " + t.russian(few)
	case "relation":
		place := russianPlaces[s.Relation]
		return fmt.Sprintf("%s %s %s", t.russian(nominative), place.text, s.Things[1].russian(place.form))
	}
	return s.list(func(t Thing) string { return t.russian(nominative) }, "и")
}
