package v1

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"path"

	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// pageSize applies AIP-158: 0 means the default, and larger values are reduced to the
// maximum.
func pageSize(requested int32, standard, maximum int) int {
	if requested == 0 {
		return standard
	}
	return min(int(requested), maximum)
}

// maxPageBytes limits a page to less than the 4 MiB that gRPC clients receive by
// default. A page has at least one resource.
const maxPageBytes = 3 << 20

// resource is an element of a list.
type resource interface {
	proto.Message
	GetName() string
}

// cutPage cuts a list that was read with one element more than size to a page. It
// returns the token of the next page, or "" if there is none.
func cutPage[T resource](list []T, size int, binding string) (page []T, next string) {
	end, bytes := 0, 0
	for end < min(len(list), size) {
		if bytes += proto.Size(list[end]); bytes > maxPageBytes && end > 0 {
			break
		}
		end++
	}
	if end == len(list) {
		return list, ""
	}
	return list[:end], encodePageToken(path.Base(list[end-1].GetName()), binding)
}

// pageToken says which list continues and where. It is JSON in URL-safe base64, and
// opaque to callers.
type pageToken struct {
	Version int    `json:"v"`
	After   string `json:"a"`
	Binding string `json:"b"`
}

const pageTokenVersion = 1

// listBinding returns a digest of the fields that all pages of a list must have in
// common.
func listBinding(what, collection string, filter *accordv1.Filter) string {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(filter)
	if err != nil {
		encoded = nil // cannot happen: the filter was decoded from the wire
	}
	sum := sha256.Sum256(append([]byte(what+"\x00"+collection+"\x00"), encoded...))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func encodePageToken(after, binding string) string {
	encoded, err := json.Marshal(pageToken{Version: pageTokenVersion, After: after, Binding: binding})
	if err != nil {
		return "" // a struct of strings always encodes
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

// decodePageToken returns the id after which the list continues, or "" for an empty
// token.
func decodePageToken(token, binding string) (after string, err error) {
	if token == "" {
		return "", nil
	}
	var t pageToken
	decoded, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(decoded, &t)
	}
	switch {
	case err != nil || t.Version != pageTokenVersion || !document.ValidID(t.After):
		return "", &document.FieldError{Field: "page_token", Problem: "was not issued by this method; leave it empty to start at the first page"}
	case t.Binding != binding:
		return "", &document.FieldError{Field: "page_token", Problem: "belongs to a list with another collection or filter; repeat the request unchanged, or start at the first page"}
	}
	return t.After, nil
}
