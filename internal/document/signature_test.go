package document_test

import (
	"math/rand/v2"
	"testing"

	"github.com/accord-search/accord/internal/document"
)

// TestSignature checks that the signatures of two passages never differ if one has all terms of
// the other, and that they differ for nearly all other passages of up to 500 terms.
func TestSignature(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	terms := func(n int) (ids []int32) {
		for range n {
			ids = append(ids, 1+random.Int32N(1_000_000_000))
		}
		return ids
	}
	alike := 0
	const rounds = 10_000
	for range rounds {
		part, other := terms(random.IntN(500)), terms(500)
		whole := append(terms(random.IntN(100)), part...)
		one, two, three := document.SignatureOf(part), document.SignatureOf(whole), document.SignatureOf(other)
		if one.Differs(&two) || two.Differs(&one) {
			t.Fatalf("the signatures of %d terms and of %d that include them differ", len(part), len(whole))
		}
		if len(part) > 5 && !one.Differs(&three) {
			alike++
		}
	}
	if alike > rounds/100 {
		t.Errorf("%d of %d passages with other terms have signatures that do not differ", alike, rounds)
	}
}

// TestReadSignature checks the order of the bits.
func TestReadSignature(t *testing.T) {
	t.Parallel()
	for _, term := range []int32{1, 7, 8, 63, 64, 255, 256, 1_000_000_000} {
		value := make([]byte, document.SignatureBytes)
		bit := term & 255
		value[bit/8] = 0x80 >> (bit % 8)
		if got, want := document.ReadSignature(value), document.SignatureOf([]int32{term}); got != want {
			t.Errorf("term %d: %x, want %x", term, got, want)
		}
	}
}
