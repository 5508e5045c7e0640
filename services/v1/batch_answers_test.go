package v1

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestBatchWithoutRoom: questions whose facets or tokens alone are too large for a batch fail,
// and the others are answered.
func TestBatchWithoutRoom(t *testing.T) {
	t.Parallel()
	large := &accordv1.Facet{Field: "metadata.x"}
	for i := range 100 {
		large.Values = append(large.Values, &accordv1.FacetValue{Value: fmt.Sprint(i, strings.Repeat("長", 250)), Count: 1})
	}
	answers := newBatchAnswers(50)
	for i := range 50 {
		response := &accordv1.SearchResponse{Facets: []*accordv1.Facet{{Field: "kind"}}}
		switch i % 5 {
		case 1:
			response.NextPageToken = strings.Repeat("t", 200<<10)
		case 2:
			response.NextPageToken = strings.Repeat("t", 50<<10)
		case 3:
			response.Facets = []*accordv1.Facet{large, large, large, large}
		}
		answers.add(i, &resultPage{response: response})
	}
	if size := proto.Size(answers.response); size > maxPageBytes {
		t.Errorf("%d bytes", size)
	}
	for i, answer := range answers.response.GetAnswers() {
		want := codes.OK
		if i%5 == 1 || i%5 == 3 {
			want = codes.InvalidArgument
		}
		if got := codes.Code(answer.GetStatus().GetCode()); got != want || want == codes.OK && answer.GetResponse() == nil {
			t.Errorf("question %d: %v, want %v", i, got, want)
		}
	}
}

// TestBatchOfLargeTokens: answers that are a little too large without results fail too, so that
// the batch stays below its bound.
func TestBatchOfLargeTokens(t *testing.T) {
	t.Parallel()
	answers := newBatchAnswers(50)
	for i := range 50 {
		answers.add(i, &resultPage{response: &accordv1.SearchResponse{NextPageToken: strings.Repeat("t", 70<<10)}})
	}
	if size := proto.Size(answers.response); size > maxPageBytes {
		t.Errorf("%d bytes", size)
	}
}
