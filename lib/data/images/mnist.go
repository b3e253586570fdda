package images

import "genlab/lib/data/mnist"

// Digits are the classes of MNIST.
var Digits = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

// MNIST makes a set of digits, as large as asked for.
func MNIST(digits *mnist.Split, size int) (*Set, error) {
	return FromBytes(digits.Images, digits.Rows, digits.Cols, 1, digits.Labels, Digits, size)
}
