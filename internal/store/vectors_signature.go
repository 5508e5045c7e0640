package store

import (
	"encoding/binary"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// storedSignature scans the signature of a passage as queueCentre stores it. The target is set to
// zero if there is none, or if it is one of terms of another version.
type storedSignature struct{ target *document.Signature }

// ScanBits implements pgtype.BitsScanner.
func (s storedSignature) ScanBits(value pgtype.Bits) error {
	const version = 2 // bytes of the version
	*s.target = document.Signature{}
	if len(value.Bytes) == version+document.SignatureBytes && binary.BigEndian.Uint16(value.Bytes) == lexical.Version {
		*s.target = document.ReadSignature(value.Bytes[version:])
	}
	return nil
}
