package viz

import (
	"fmt"
	"image"
	"image/draw"
)

// AttentionMap is one kind of attention of a model, such as the encoder's to itself: where each query looked.
type AttentionMap struct {
	Name          string
	Weights       [][][][]float32 // [layer][head][query][key]
	Queries, Keys []string        // the tokens
}

func (m AttentionMap) check() error {
	if len(m.Weights) == 0 || len(m.Weights[0]) == 0 {
		return fmt.Errorf("viz: attention %q without a layer or a head", m.Name)
	}
	if len(m.Queries) == 0 || len(m.Keys) == 0 {
		return fmt.Errorf("viz: attention %q of %d queries and %d keys: there must be at least one of each", m.Name, len(m.Queries), len(m.Keys))
	}
	for l, layer := range m.Weights {
		if len(layer) != len(m.Weights[0]) {
			return fmt.Errorf("viz: attention %q, layer %d has %d heads, the first %d: there must be as many in each", m.Name, l+1, len(layer), len(m.Weights[0]))
		}
		for h, head := range layer {
			where := fmt.Sprintf("viz: attention %q, layer %d, head %d", m.Name, l+1, h+1)
			if len(head) != len(m.Queries) {
				return fmt.Errorf("%s has weights of %d queries for %d: there must be as many", where, len(head), len(m.Queries))
			}
			for q, row := range head {
				if len(row) != len(m.Keys) {
					return fmt.Errorf("%s, query %d has %d weights for %d keys: there must be as many", where, q+1, len(row), len(m.Keys))
				}
				for k, w := range row {
					if !finite(float64(w)) {
						return fmt.Errorf("%s, query %d: the weight of key %d is %g: it must be finite", where, q+1, k+1, w)
					}
				}
			}
		}
	}
	return nil
}

// Heads draws all heads of a layer, counted from 0: a row for each query, a column for each key, darker where it looked less.
func (m AttentionMap) Heads(layer int) image.Image {
	if err := m.check(); err != nil {
		return fail(err)
	}
	if layer < 0 || layer >= len(m.Weights) {
		return fail(fmt.Errorf("viz: layer %d of attention %q: it must be 0 to %d", layer, m.Name, len(m.Weights)-1))
	}
	var pictures []image.Image
	for h, head := range m.Weights[layer] {
		pictures = append(pictures, Heatmap(head, m.Queries, m.Keys, PlotConfig{Title: fmt.Sprintf("layer %d, head %d", layer+1, h+1)}))
	}
	return tile(pictures)
}

// tile lays pictures of one size out, as many a row as there is room for.
func tile(pictures []image.Image) image.Image {
	for _, p := range pictures {
		if err := Err(p); err != nil {
			return fail(err)
		}
	}
	size := pictures[0].Bounds().Size()
	columns := min(len(pictures), max(1, notebookWidth*3/2/(size.X+gap)))
	rows := (len(pictures) + columns - 1) / columns
	c := newCanvas(columns*(size.X+gap)+gap, rows*(size.Y+gap)+gap)
	for i, p := range pictures {
		at := image.Pt(gap+i%columns*(size.X+gap), gap+i/columns*(size.Y+gap))
		draw.Draw(c, image.Rectangle{at, at.Add(size)}, p, p.Bounds().Min, draw.Src)
	}
	return c
}

// Overview draws every head of every layer small: a row for each layer, a column for each head.
func (m AttentionMap) Overview() image.Image {
	if err := m.check(); err != nil {
		return fail(err)
	}
	face, err := newFace(textSize)
	if err != nil {
		return fail(err)
	}
	const line = 20
	heads := len(m.Weights[0])
	cell := max(1, min(8, (notebookWidth-4*margin-60-heads*labelGap)/(heads*len(m.Keys))))
	w, h := cell*len(m.Keys), cell*len(m.Queries)
	step := max(w, textWidth(face, fmt.Sprintf("head %d", heads))) + labelGap
	left, top := margin+60, margin+2*line
	c := newCanvas(left+heads*step+margin, top+len(m.Weights)*(h+labelGap)+margin)
	write(c, face, m.Name, margin, margin+line/2)
	for head := range heads {
		write(c, face, fmt.Sprintf("head %d", head+1), left+head*step, margin+line+line/2)
	}
	for l, layer := range m.Weights {
		y := top + l*(h+labelGap)
		write(c, face, fmt.Sprintf("layer %d", l+1), margin, y+h/2)
		for head, weights := range layer {
			x := left + head*(w+labelGap)
			for i, row := range weights {
				for j, v := range row {
					fill(c, image.Rect(0, 0, cell, cell).Add(image.Pt(x+j*cell, y+i*cell)), colormap(float64(v)))
				}
			}
		}
	}
	return c
}
