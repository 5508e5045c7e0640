package v1

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/search"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// broken fails all searches at once, and makes vectors until they are not needed any more.
type broken struct{}

// Search implements Searcher.
func (broken) Search(context.Context, search.Request) (search.Response, error) {
	return search.Response{}, errors.New("broken")
}

// EmbedTogether implements Embedder.
func (broken) EmbedTogether(ctx context.Context, _ string, _ []search.Request, _ *semaphore.Weighted) (searches context.Context, embed func()) {
	return ctx, func() { <-ctx.Done() }
}

// TestBatchNeedsNoVectors: a batch does not wait for vectors that no search needs any more.
func TestBatchNeedsNoVectors(t *testing.T) {
	t.Parallel()
	services, err := New(Config{Searcher: broken{}, Embedder: broken{}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	answer, err := (&searchServer{Services: services}).BatchSearch(ctx, &accordv1.BatchSearchRequest{
		Parent: "collections/default", Requests: []*accordv1.SearchRequest{{Query: "one?"}, {Query: "two?"}},
	})
	if err != nil || len(answer.GetAnswers()) != 2 || answer.GetAnswers()[1].GetStatus().GetCode() != int32(codes.Internal) {
		t.Errorf("%v, error %v", answer, err)
	}
}

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
