package style

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend/backendtest"
)

func TestMain(m *testing.M) { backendtest.OnGo(m) }

func flat(t *testing.T, x *tensors.Tensor) []float32 {
	t.Helper()
	values, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		t.Fatal(err)
	}
	return values
}
