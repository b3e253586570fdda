package nn

import (
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
)

func TestCheckSize(t *testing.T) {
	for value, want := range map[int]string{0: "gpt: n_layer is 0: it must be at least 1", 1: "", 9: "", 10: "gpt: n_layer is 10: it must be at most 9"} {
		if err := CheckSize("gpt", "n_layer", value, 1, 9); want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%d: %v", value, err)
		}
	}
}

// A model that no machine holds is refused before memory is asked for.
func TestCreateTooLarge(t *testing.T) {
	l := Name(NewLinear(MaxSize, MaxSize, true))
	if err := Create(model.NewStore().RootScope(), l, 1); err == nil || !strings.Contains(err.Error(), "weight is [") {
		t.Errorf("%v", err)
	}
}
