// Package transformer holds the article's encoder, as published and corrected ([Encoder]), and the whole Transformer of Vaswani et
// al., "Attention is all you need", 2017 ([Core]), with which a [Model] translates.
package transformer
