package spec

import (
	"slices"
	"strings"
	"testing"

	"genlab/lib/torch"
)

// TestMaskTypes holds that a mask may be of any numbers, and that what PyTorch's mask == 0 takes for 0 is 0.
func TestMaskTypes(t *testing.T) {
	for dtype, data := range map[torch.DType][]byte{
		torch.BOOL: {1, 0}, torch.U8: {7, 0}, torch.I32: {0, 1, 0, 0, 0, 0, 0, 0}, torch.F16: {1, 0, 0, 0x80}, torch.F32: {0, 0, 0x80, 0x3f, 0, 0, 0, 0x80},
	} {
		ones, err := notZero(torch.Tensor{DType: dtype, Shape: []int{2}, Data: data})
		if err != nil {
			t.Fatal(err)
		}
		if values, err := ones.Float32s(); err != nil || !slices.Equal(values, []float32{1, 0}) {
			t.Errorf("%s: %v, %v", dtype, values, err)
		}
	}
	if _, err := notZero(torch.Tensor{DType: torch.C64, Shape: []int{1}, Data: make([]byte, 8)}); err == nil {
		t.Error("complex numbers were taken")
	}
}

// TestIndicesOutOfRange refuses indices beyond a table, which XLA would clamp in silence.
func TestIndicesOutOfRange(t *testing.T) {
	given := &torch.StateDict{}
	given.Set("x", torch.Tensor{DType: torch.I64, Shape: []int{1, 1}, Data: []byte{7, 1, 0, 0, 0, 0, 0, 0}})
	wanted := []Input{{Name: "x", DType: torch.I64, Shape: []int{AnyBatch, AnyLength}, Below: 263}}
	if _, err := take(given, wanted); err == nil || !strings.Contains(err.Error(), "x holds 263 at place 0") {
		t.Errorf("want an error that names x, got %v", err)
	}
	wanted[0].Below++
	if _, err := take(given, wanted); err != nil {
		t.Error(err)
	}
}
