// Package torch carries weights between PyTorch and genlab: a [StateDict] read from and written to the files that PyTorch's users
// keep, and the printed structure of a model.
//
//	sd, err := torch.Read("vae.safetensors")
//	t, ok := sd.Get("fc1.weight")
//	w, err := t.ToGoMLX()
//
// Files come from strangers: a reader answers a bad one with an error that names file and tensor, and never takes more memory than a
// small multiple of the file's size.
package torch
