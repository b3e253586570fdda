package nn

import (
	"maps"
	"slices"
)

// ForceForm makes every convolution that can take the named form take it, in tests, until it is called with "".
func ForceForm(name string) { forceForm = forms[name] }

// forms are all there are.
var forms = map[string]convForm{
	"direct":       direct{},
	"columns":      columns{},
	"shifts":       shifts{},
	"turned":       turned{columns{}},
	"s2d direct":   spaceToDepth{direct{}},
	"s2d columns":  spaceToDepth{columns{}},
	"s2d shifts":   spaceToDepth{shifts{}},
	"s2d turned":   spaceToDepth{turned{columns{}}},
	"turned shift": turned{shifts{}},
}

// FormNames lists them.
func FormNames() []string { return slices.Sorted(maps.Keys(forms)) }
