package identity_test

import (
	"testing"

	"genlab/lib/data/identity"
)

// The wanted digest is Python's: hashlib.sha256(struct.pack("<Q3sQii", 3, b"abc", 2, 1, -1)).hexdigest()[:32].
func TestDigest(t *testing.T) {
	got := identity.NewDigest().Bytes([]byte("abc")).Int32s([]int32{1, -1}).String()
	if want := "sha256:abbbd62c2ac624a152d1e7016def57ca"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	a := identity.NewDigest().Text("ab").Text("c").String()
	if b := identity.NewDigest().Text("a").Text("bc").String(); a == b {
		t.Error("parts cut elsewhere give one digest")
	}
}

func TestDigestOfManyNumbers(t *testing.T) {
	list := make([]int32, 100_000)
	whole := identity.NewDigest().Int32s(list).String()
	list[99_999] = 1
	if identity.NewDigest().Int32s(list).String() == whole {
		t.Error("the last number doesn't count")
	}
}
