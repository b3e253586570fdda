// Package nn holds the layers that genlab's models are built of, with PyTorch's meaning, defaults and parameter names, where
// GoMLX has none or differs.
//
// A model is a struct whose fields carry PyTorch's names in a tag, once:
//
//	type Model struct {
//		FC1 *nn.Linear `nn:"fc1"`
//		FC2 *nn.Linear `nn:"fc2"`
//	}
//
// [Name] walks the tags and gives each [Param] its path ("fc1.weight"); [Create] makes the variables. From the same declaration
// come the state_dict, the printed structure and the counts (package torch).
//
// Images are NHWC inside; a [Param] knows how PyTorch lays it out in a file. Functions here build graphs: they panic with an
// error on misuse, as GoMLX's own do. docs/coming-from-pytorch.md lists what is here of torch.nn, and package nnspec opens it under
// PyTorch's names.
package nn
