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

// pageSize applies AIP-158: 0 is the default, and too much is cut.
func pageSize(asked int32, standard, most int) int {
	if asked == 0 {
		return standard
	}
	return min(int(asked), most)
}

// maxPageBytes ends a page early, so that it stays below the 4 MiB that gRPC's
// clients receive unless told otherwise. A page holds one resource at least.
const maxPageBytes = 3 << 20

// resource is what lists hold.
type resource interface {
	proto.Message
	GetName() string
}

// cutPage cuts a list that was asked for with one more than size to a page, and
// returns the token of the next page, empty where there is none.
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

// pageToken is where a list goes on, and of which list. It is JSON in URL-safe
// base64; callers must not look into it.
type pageToken struct {
	Version int    `json:"v"`
	After   string `json:"a"`
	Binding string `json:"b"`
}

const pageTokenVersion = 1

// listBinding is a digest of what a list's pages must have in common.
func listBinding(what, collection string, filter *accordv1.Filter) string {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(filter)
	if err != nil {
		encoded = nil // a filter that came over the wire can be sent again
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

// decodePageToken returns where the list goes on; an empty token starts it.
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
		return "", &document.FieldError{Field: "page_token", Problem: "is not one that this method gave; leave it empty to start at the first page"}
	case t.Binding != binding:
		return "", &document.FieldError{Field: "page_token", Problem: "belongs to a list with another collection or filter; repeat the request as it was, or start at the first page"}
	}
	return t.After, nil
}
