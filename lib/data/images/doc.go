// Package images gives pictures to a training: any folder of them, MNIST made larger, CIFAR-10, CelebA.
//
//	set, err := images.Folder(ctx, images.FolderConfig{Dir: "photos", Size: 64})
//	batches, err := set.Batches(images.BatchConfig{Size: 64, Shuffle: true, DropLast: true, Flip: true})
//
// A [Set] reads a picture when a batch asks for it, so that a set may be larger than memory; a batch's pictures are decoded side by
// side. A training asks for a few batches ahead, and holds no more than those.
package images
