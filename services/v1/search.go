package v1

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

var _ accordv1.SearchServiceServer = (*searchServer)(nil)

// Page sizes: what 0 stands for, and what a larger one is cut to (AIP-158).
const (
	defaultSearchPage, maxSearchPage = 10, 100
	defaultListPage, maxListPage     = 100, 1000
)

type searchServer struct {
	accordv1.UnimplementedSearchServiceServer
	*Services
}

// Search implements accord.v1.SearchService.
func (s *searchServer) Search(ctx context.Context, req *accordv1.SearchRequest) (*accordv1.SearchResponse, error) {
	collection := collectionID(req.GetCollection())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return nil, err
	}
	answer, err := s.cfg.Searcher.Search(ctx, search.Request{
		Query: req.GetQuery(), Collection: collection, Filter: filter,
		Limit: pageSize(req.GetPageSize(), defaultSearchPage, maxSearchPage),
	})
	if err != nil {
		return nil, err
	}
	out := &accordv1.SearchResponse{
		Results: make([]*accordv1.SearchResult, len(answer.Hits)),
		SearchInfo: &accordv1.SearchInfo{
			Space: answer.Space.Name(), Model: answer.Space.Model,
			EmbedDuration: durationpb.New(answer.Embed), RetrieveDuration: durationpb.New(answer.Retrieve),
		},
	}
	for i, hit := range answer.Hits {
		out.Results[i] = fromHit(hit, i+1)
	}
	return out, nil
}

// GetDocument implements accord.v1.SearchService.
func (s *searchServer) GetDocument(ctx context.Context, req *accordv1.GetDocumentRequest) (*accordv1.GetDocumentResponse, error) {
	collection, id := documentIDs(req.GetName())
	d, err := s.cfg.Store.GetDocument(ctx, collection, id, req.GetView() != accordv1.DocumentView_DOCUMENT_VIEW_BASIC)
	if err != nil {
		return nil, err
	}
	return &accordv1.GetDocumentResponse{Document: fromDocument(d)}, nil
}

// ListDocuments implements accord.v1.SearchService.
func (s *searchServer) ListDocuments(ctx context.Context, req *accordv1.ListDocumentsRequest) (*accordv1.ListDocumentsResponse, error) {
	collection := collectionID(req.GetCollection())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return nil, err
	}
	binding := listBinding("documents", collection, req.GetFilter())
	after, err := decodePageToken(req.GetPageToken(), binding)
	if err != nil {
		return nil, err
	}
	size := pageSize(req.GetPageSize(), defaultListPage, maxListPage)
	list, err := s.cfg.Store.ListDocuments(ctx, collection, filter, after, size+1)
	if errors.Is(err, document.ErrNotFound) && collection == document.DefaultCollection {
		err = nil // it is made when something is first looked for or put in it
	}
	if err != nil {
		return nil, err
	}
	documents := make([]*accordv1.Document, len(list))
	for i, d := range list {
		documents[i] = fromDocument(d)
	}
	documents, next := cutPage(documents, size, binding)
	return &accordv1.ListDocumentsResponse{Documents: documents, NextPageToken: next}, nil
}
