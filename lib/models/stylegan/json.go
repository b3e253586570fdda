package stylegan

import "encoding/json"

// pair is a width and a height; one number in JSON stands for both.
type pair [2]int

func square(n int) pair { return pair{n, n} }

// UnmarshalJSON takes a number or two.
func (p *pair) UnmarshalJSON(text []byte) error {
	var one int
	if json.Unmarshal(text, &one) == nil {
		*p = square(one)
		return nil
	}
	return json.Unmarshal(text, (*[2]int)(p))
}

// limit is a number that null in JSON makes 0: none.
type limit float64

// UnmarshalJSON takes a number or null.
func (l *limit) UnmarshalJSON(text []byte) error {
	*l = 0
	return json.Unmarshal(text, (*float64)(l))
}

// count is a whole number that null in JSON makes 0: none.
type count int

// UnmarshalJSON takes a number or null.
func (n *count) UnmarshalJSON(text []byte) error {
	*n = 0
	return json.Unmarshal(text, (*int)(n))
}
