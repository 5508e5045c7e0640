package v1

import (
	"path"

	"google.golang.org/protobuf/proto"

	pagetokenv1 "github.com/accord-search/accord/proto/accord/pagetoken/v1"
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

// maxPageBytes limits a page to less than the 4 MiB that gRPC clients receive by default. A
// page has at least one resource, however long it is.
const maxPageBytes = 3 << 20

// resource is an element of a list.
type resource interface {
	proto.Message
	GetName() string
}

// cutPage cuts a list to a page. The list was read with one element more than size, to see
// whether there is a next page. It returns the next page's token, or "" if there is none.
func cutPage[T resource](list []T, size int, binding []byte) (page []T, next string) {
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
	return list[:end], encodeToken(&pagetokenv1.ListPage{After: path.Base(list[end-1].GetName())}, binding, 0)
}

// listAfter returns the id after which a list continues, or "" if the token is empty.
func (s *Services) listAfter(token string, binding []byte) (after string, err error) {
	if token == "" {
		return "", nil
	}
	var page pagetokenv1.ListPage
	err = s.decodeToken(token, binding, &page)
	return page.GetAfter(), err
}

// DocumentsAfter returns the page token with which ListDocuments, without a filter, continues
// after a document of a collection. Both are ids, and the document need not exist.
func DocumentsAfter(collection, id string) string {
	return encodeToken(&pagetokenv1.ListPage{After: id}, documentsBinding(collection, nil), 0)
}

// documentsBinding returns the binding of a list of documents.
func documentsBinding(collection string, filter *accordv1.Filter) []byte {
	return binding("documents", collection, filter)
}
