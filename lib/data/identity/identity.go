// Package identity tells data sets apart by a digest of what they hold. Data sets say with it what they are: their method Identity is
// that of train.Identified.
package identity

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
)

// Digest is the SHA-256 of parts in order. Each part's length goes before it, so that parts cut elsewhere give another digest.
type Digest struct{ hash hash.Hash }

// NewDigest is the digest of nothing yet.
func NewDigest() Digest { return Digest{sha256.New()} }

// Bytes adds a part.
func (d Digest) Bytes(part []byte) Digest {
	d.length(len(part))
	d.hash.Write(part) // a hash's Write returns no error
	return d
}

// Text adds a part that fmt makes of values.
func (d Digest) Text(values ...any) Digest { return d.Bytes(fmt.Append(nil, values...)) }

// Int32s adds numbers, such as tokens and labels, as one part.
func (d Digest) Int32s(part []int32) Digest {
	d.length(len(part))
	var buffer []byte
	for piece := range slices.Chunk(part, 1<<14) {
		buffer = buffer[:0]
		for _, x := range piece {
			buffer = binary.LittleEndian.AppendUint32(buffer, uint32(x))
		}
		d.hash.Write(buffer)
	}
	return d
}

func (d Digest) length(n int) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	d.hash.Write(b[:])
}

// String is the digest's first half in hexadecimal, which is enough to tell data sets apart: "sha256:" and 32 digits.
func (d Digest) String() string { return "sha256:" + hex.EncodeToString(d.hash.Sum(nil)[:16]) }
