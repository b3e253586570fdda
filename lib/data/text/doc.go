// Package text makes training data of a text file: its characters become numbers, its first part is for training and
// the rest for validation, and batches of windows come by seed.
//
// Any UTF-8 file will do. One is always at hand: every Go toolchain ships Isaac Newton's Opticks (1704; the
// public-domain text of Project Gutenberg), which Opticks finds.
package text
