// Package augment asks whether more pictures, or texts, help a classifier that has few: it widens a scarce set in several ways, trains the
// same small classifier on each, and measures all on one test set by several seeds. Who made more of the data may have made it worse; the
// intervals tell.
package augment

import (
	"fmt"
	"slices"

	"genlab/lib/data/identity"
	"genlab/lib/data/images"
	"genlab/lib/data/order"
)

// Pictures are square pictures of one size, each of a class.
type Pictures struct {
	Size, Channels, Classes int

	Pixels [][]float32 // [Size, Size, Channels] flat, values in [0, 1]
	Labels []int
}

// FromSet reads a whole set into memory.
func FromSet(set *images.Set) (Pictures, error) {
	if len(set.Classes) < 2 {
		return Pictures{}, fmt.Errorf("augment: the pictures have %d classes: there must be at least 2; put each class's pictures into a folder of its own", len(set.Classes))
	}
	pixels, err := set.Floats(0, set.Len())
	if err != nil {
		return Pictures{}, err
	}
	p := Pictures{Size: set.Size, Channels: set.Channels, Classes: len(set.Classes), Pixels: pixels}
	for i := range pixels {
		p.Labels = append(p.Labels, set.Label(i))
	}
	return p, nil
}

// Of are the places of a class's pictures.
func (p Pictures) Of(class int) []int { return placesOf(p.Labels, class) }

// placesOf are the places of one label.
func placesOf(labels []int, label int) []int {
	var places []int
	for i, l := range labels {
		if l == label {
			places = append(places, i)
		}
	}
	return places
}

// Counts are how many pictures each class has.
func (p Pictures) Counts() []int { return countsOf(p.Labels, p.Classes) }

func countsOf(labels []int, classes int) []int {
	counts := make([]int, classes)
	for _, l := range labels {
		counts[l]++
	}
	return counts
}

// Scarce keeps at most n pictures of each class, which the seed chooses; 0 keeps all.
func (p Pictures) Scarce(n int, seed uint64) Pictures {
	return p.at(scarce(p.Labels, p.Classes, n, seed))
}

// scarce chooses the places of at most n examples of each class.
func scarce(labels []int, classes, n int, seed uint64) []int {
	var places []int
	for class := range classes {
		of := placesOf(labels, class)
		if n > 0 && n < len(of) {
			chosen := make([]int, n)
			for i, place := range order.Permutation(len(of), seed, uint64(class))[:n] {
				chosen[i] = of[place]
			}
			of = chosen
		}
		places = append(places, of...)
	}
	return places
}

// at are some of the pictures.
func (p Pictures) at(places []int) Pictures {
	pixels, labels := make([][]float32, len(places)), make([]int, len(places))
	for i, place := range places {
		pixels[i], labels[i] = p.Pixels[place], p.Labels[place]
	}
	p.Pixels, p.Labels = pixels, labels
	return p
}

// with adds pictures to others.
func (p Pictures) with(more Pictures) Pictures {
	p.Pixels, p.Labels = slices.Concat(p.Pixels, more.Pixels), slices.Concat(p.Labels, more.Labels)
	return p
}

// lacking are the labels of what fills each class up to n, class by class.
func lacking(labels []int, classes, n int) []int {
	var list []int
	for class, has := range countsOf(labels, classes) {
		for range n - has {
			list = append(list, class)
		}
	}
	return list
}

// digest tells pictures from others.
func (p Pictures) digest() string {
	d := identity.NewDigest().Text(p.Size, p.Channels, p.Classes, p.Labels)
	raw := make([]byte, p.Size*p.Size*p.Channels)
	for _, picture := range p.Pixels {
		for i, v := range picture {
			raw[i] = byte(255*v + 0.5)
		}
		d.Bytes(raw)
	}
	return d.String()
}
