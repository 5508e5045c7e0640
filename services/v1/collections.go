package v1

import (
	"context"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

var _ accordv1.CollectionServiceServer = (*collectionServer)(nil)

type collectionServer struct {
	accordv1.UnimplementedCollectionServiceServer
	*Services
}

// CreateCollection implements accord.v1.CollectionService.
func (s *collectionServer) CreateCollection(ctx context.Context, req *accordv1.CreateCollectionRequest) (*accordv1.CreateCollectionResponse, error) {
	if err := s.cfg.Spaces.Create(ctx, req.GetCollectionId()); err != nil {
		return nil, err
	}
	c, err := s.cfg.Store.GetCollection(ctx, req.GetCollectionId())
	if err != nil {
		return nil, err
	}
	return &accordv1.CreateCollectionResponse{Collection: fromCollection(c)}, nil
}

// GetCollection implements accord.v1.CollectionService.
func (s *collectionServer) GetCollection(ctx context.Context, req *accordv1.GetCollectionRequest) (*accordv1.GetCollectionResponse, error) {
	c, err := s.cfg.Store.GetCollection(ctx, collectionID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return &accordv1.GetCollectionResponse{Collection: fromCollection(c)}, nil
}

// ListCollections implements accord.v1.CollectionService.
func (s *collectionServer) ListCollections(ctx context.Context, req *accordv1.ListCollectionsRequest) (*accordv1.ListCollectionsResponse, error) {
	binding := listBinding("collections", "", nil)
	after, err := decodePageToken(req.GetPageToken(), binding)
	if err != nil {
		return nil, err
	}
	size := pageSize(req.GetPageSize(), defaultListPage, maxListPage)
	list, err := s.cfg.Store.ListCollections(ctx, after, size+1)
	if err != nil {
		return nil, err
	}
	list, next := cutPage(list, size, binding, func(c space.Collection) string { return c.ID })
	out := &accordv1.ListCollectionsResponse{NextPageToken: next}
	for _, c := range list {
		out.Collections = append(out.Collections, fromCollection(c))
	}
	return out, nil
}

// DeleteCollection implements accord.v1.CollectionService.
func (s *collectionServer) DeleteCollection(ctx context.Context, req *accordv1.DeleteCollectionRequest) (*accordv1.DeleteCollectionResponse, error) {
	id, _ := document.ParseCollectionName(req.GetName())
	if err := s.cfg.Store.DeleteCollection(ctx, id, req.GetForce()); err != nil {
		return nil, err
	}
	return &accordv1.DeleteCollectionResponse{}, nil
}
