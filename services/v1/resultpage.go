package v1

import (
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// resultPage is one page of the list of a search.
type resultPage struct {
	response *accordv1.SearchResponse
	places   []int // where the results are in the list
	list     search.List
	next     int    // place at which the next page begins
	bound    []byte // binding of page tokens
	position store.Position
}

func (p *resultPage) setToken() {
	p.response.NextPageToken = encodeList(p.list, p.next, p.bound, p.position)
}

// cut removes the last results until the response has at most limit bytes. Its token then
// begins with the first result that was removed. A response without results is not cut further.
func (p *resultPage) cut(limit int) {
	for size := proto.Size(p.response); size > limit && len(p.places) > 0; size = proto.Size(p.response) {
		for size > limit && len(p.places) > 0 {
			last := len(p.places) - 1
			size -= proto.Size(p.response.GetResults()[last])
			p.next, p.places, p.response.Results = p.places[last], p.places[:last], p.response.GetResults()[:last]
		}
		p.setToken()
	}
}
