package v1

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"

	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	pagetokenv1 "github.com/accord-search/accord/proto/accord/pagetoken/v1"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// Page tokens are messages of accord.pagetoken.v1 in URL-safe base64. They are opaque to
// callers.

const (
	tokenVersion = 7
	// bindingBytes is the length of a binding.
	bindingBytes = 9
)

var (
	errForeign = &document.FieldError{Field: "page_token", Problem: "was not issued by this method; leave it empty to start at the first page"}
	errUnbound = &document.FieldError{Field: "page_token", Problem: "belongs to another request; repeat the request unchanged, except page_size (and context_passages and facets of a search), or start at the first page"}
	errDamaged = &document.FieldError{Field: "page_token", Problem: "is damaged; leave it empty to start at the first page"}
)

// binding returns a digest of what the requests for all pages of a list have in common: the
// kind of list, the id of the collection, and the other fields.
func binding(kind, collection string, fields proto.Message) []byte {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(fields)
	if err != nil {
		encoded = nil // cannot happen: the fields were decoded from the wire
	}
	sum := sha256.Sum256(append([]byte(kind+"\x00"+collection+"\x00"), encoded...))
	return sum[:bindingBytes]
}

// searchBinding returns the binding of a search. Only the first page has facets, so later
// ones need not ask for them.
func searchBinding(req *accordv1.SearchRequest) []byte {
	same := proto.CloneOf(req)
	same.Parent, same.PageSize, same.PageToken, same.ContextPassages, same.Facets = "", 0, "", 0, nil
	return binding("search", document.CollectionID(req.GetParent()), same)
}

// encodeToken returns the token of a page. Later pages must be read from a database that
// has reached the position at.
func encodeToken(page proto.Message, binding []byte, at store.Position) string {
	encoded, err := proto.Marshal(page)
	if err != nil {
		return "" // cannot happen, since ids and phrases are valid UTF-8
	}
	return sealToken(encoded, binding, at)
}

// sealToken returns the token of an encoded page.
func sealToken(page, binding []byte, at store.Position) string {
	token, err := proto.Marshal(&pagetokenv1.PageToken{
		Version: tokenVersion, Binding: binding, Position: uint64(at), Checksum: checksum(page, uint64(at)), Page: page,
	})
	if err != nil {
		return "" // cannot happen, since the message has no strings
	}
	return base64.RawURLEncoding.EncodeToString(token)
}

func checksum(page []byte, position uint64) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(page), crc32.IEEETable, binary.LittleEndian.AppendUint64(nil, position))
}

// decodeToken decodes a token into a page. It returns a *document.FieldError if the token
// is damaged, or was issued for another request or by another version.
func (s *Services) decodeToken(token string, binding []byte, page proto.Message) error {
	envelope, err := openToken(token)
	switch {
	case err != nil || s.validator.Validate(envelope) != nil:
		return errForeign
	case !bytes.Equal(envelope.GetBinding(), binding):
		return errUnbound
	case envelope.GetChecksum() != checksum(envelope.GetPage(), envelope.GetPosition()),
		proto.Unmarshal(envelope.GetPage(), page) != nil, s.validator.Validate(page) != nil:
		return errDamaged
	}
	return nil
}

func openToken(token string) (*pagetokenv1.PageToken, error) {
	decoded, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, err
	}
	var envelope pagetokenv1.PageToken
	return &envelope, proto.Unmarshal(decoded, &envelope)
}

// foundAt returns the position in a token, or 0 if it has none. It does not check the
// token.
func foundAt(token string) store.Position {
	envelope, err := openToken(token)
	if err != nil || envelope.GetVersion() != tokenVersion {
		return 0
	}
	return store.Position(envelope.GetPosition())
}
