package document

import "encoding/binary"

// Signature says which terms a passage may have. Each term sets one of 256 bits: the one
// that its lowest eight bits number. If a passage has all terms of another one, its
// signature has all bits of the other one's. The zero value is that of a passage whose
// terms are unknown, or that has none.
type Signature [4]uint64

// SignatureBytes is the length of a signature in bytes.
const SignatureBytes = 32

// SignatureOf returns the signature of a passage with the given terms.
func SignatureOf(terms []int32) (s Signature) {
	for _, t := range terms {
		s[t>>6&3] |= 1 << (63 - t&63)
	}
	return s
}

// ReadSignature returns the signature whose bits are in value, bit 0 first. value must have
// SignatureBytes.
func ReadSignature(value []byte) (s Signature) {
	for i := range s {
		s[i] = binary.BigEndian.Uint64(value[8*i:])
	}
	return s
}

// Differs reports whether each of two passages has a bit, and so a term, that the other one
// does not have.
func (s *Signature) Differs(o *Signature) bool {
	return s[0]&^o[0]|s[1]&^o[1]|s[2]&^o[2]|s[3]&^o[3] != 0 && o[0]&^s[0]|o[1]&^s[1]|o[2]&^s[2]|o[3]&^s[3] != 0
}
