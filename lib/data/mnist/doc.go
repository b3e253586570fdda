// Package mnist reads MNIST, the 70,000 handwritten digits of LeCun, Cortes and Burges
// (http://yann.lecun.com/exdb/mnist/), and any data set in the same files: Fashion-MNIST, KMNIST.
//
//	data, err := mnist.Load(mnist.Default())
//	batches, err := data.Train.Batches(mnist.BatchConfig{Size: 128, Seed: 1, Shuffle: true})
package mnist
