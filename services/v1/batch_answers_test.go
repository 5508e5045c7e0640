package v1

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestBatchWithLargeFacets: questions whose facets alone are too large for a batch fail, and
// the others are answered.
func TestBatchWithLargeFacets(t *testing.T) {
	t.Parallel()
	large := &accordv1.Facet{Field: "metadata.x"}
	for i := range 100 {
		large.Values = append(large.Values, &accordv1.FacetValue{Value: fmt.Sprint(i, strings.Repeat("長", 250)), Count: 1})
	}
	answers := newBatchAnswers(50)
	for i := range 50 {
		response := &accordv1.SearchResponse{Facets: []*accordv1.Facet{{Field: "kind"}}}
		if i%2 > 0 {
			response.Facets = []*accordv1.Facet{large, large, large, large}
		}
		answers.add(i, &resultPage{response: response})
	}
	if size := proto.Size(answers.response); size > maxPageBytes {
		t.Errorf("%d bytes", size)
	}
	for i, answer := range answers.response.GetAnswers() {
		want := codes.OK
		if i%2 > 0 {
			want = codes.InvalidArgument
		}
		if got := codes.Code(answer.GetStatus().GetCode()); got != want || want == codes.OK && answer.GetResponse() == nil {
			t.Errorf("question %d: %v, want %v", i, got, want)
		}
	}
}
