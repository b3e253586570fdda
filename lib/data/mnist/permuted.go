package mnist

import "fmt"

// Permuted are the same digits with their pixels in another order, the same for all: pixel order[i] stands at place i. What a network loses
// by it says what it knew of neighbours.
func (s *Split) Permuted(order []int) (*Split, error) {
	d := s.Rows * s.Cols
	seen := make([]bool, d)
	for i, p := range order {
		if p < 0 || p >= d || seen[p] {
			return nil, fmt.Errorf("mnist: place %d of the order is pixel %d: it must be each of 0 to %d once", i, p, d-1)
		}
		seen[p] = true
	}
	if len(order) != d {
		return nil, fmt.Errorf("mnist: an order has %d pixels: it must have %d, a picture's", len(order), d)
	}
	made := &Split{Images: make([]byte, len(s.Images)), Labels: s.Labels, Rows: s.Rows, Cols: s.Cols}
	for from := 0; from < len(s.Images); from += d {
		for i, p := range order {
			made.Images[from+i] = s.Images[from+p]
		}
	}
	return made, nil
}
