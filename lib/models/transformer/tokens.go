package transformer

// The tokens that every vocabulary has, in this order.
const (
	Pad     = 0 // fills a batch where a text has ended
	Begin   = 1 // stands before a target text
	End     = 2 // stands after it, and after a source text
	Unknown = 3 // stands for what the vocabulary lacks
)
