package mnist

// Outlined are the same digits in another manner: dark outlines on light paper. An outline is what a pixel and its eight neighbours differ
// by, at most.
func (s *Split) Outlined() *Split {
	made := &Split{Images: make([]byte, len(s.Images)), Labels: s.Labels, Rows: s.Rows, Cols: s.Cols}
	d := s.Rows * s.Cols
	for from := 0; from < len(s.Images); from += d {
		picture := s.Images[from : from+d]
		for y := range s.Rows {
			for x := range s.Cols {
				low, high := byte(255), byte(0)
				for v := max(y-1, 0); v <= min(y+1, s.Rows-1); v++ {
					for u := max(x-1, 0); u <= min(x+1, s.Cols-1); u++ {
						p := picture[v*s.Cols+u]
						low, high = min(low, p), max(high, p)
					}
				}
				made.Images[from+y*s.Cols+x] = 255 - (high - low)
			}
		}
	}
	return made
}
