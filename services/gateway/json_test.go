package gateway

import (
	"testing"
	"testing/iotest"

	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestBodyIsNotCopied: the decoder uses the bytes of a body that is in memory, without copying
// them.
func TestBodyIsNotCopied(t *testing.T) {
	t.Parallel()
	body := newArrivedBody([]byte(`{"query":"ports"}`))
	body.Reader = iotest.ErrReader(iotest.ErrTimeout)
	var got accordv1.SearchRequest
	if err := newJSON().NewDecoder(body).Decode(&got); err != nil || !proto.Equal(&got, &accordv1.SearchRequest{Query: "ports"}) {
		t.Errorf("decoded %v, error %v", &got, err)
	}
}
