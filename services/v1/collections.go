package v1

import (
	"context"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

var _ accordv1.CollectionServiceServer = (*collectionServer)(nil)

type collectionServer struct {
	accordv1.UnimplementedCollectionServiceServer
	*Services
}

// CreateCollection implements accord.v1.CollectionService.
func (s *collectionServer) CreateCollection(ctx context.Context, req *accordv1.CreateCollectionRequest) (*accordv1.CreateCollectionResponse, error) {
	if err := s.cfg.Spaces.Create(ctx, req.GetCollectionId(), req.GetModelServer()); err != nil {
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
	id, _ := document.ParseCollectionName(req.GetName())
	c, err := s.cfg.Store.GetCollection(ctx, id)
	if err != nil {
		return nil, err
	}
	return &accordv1.GetCollectionResponse{Collection: fromCollection(c)}, nil
}

// ListCollections implements accord.v1.CollectionService.
func (s *collectionServer) ListCollections(ctx context.Context, req *accordv1.ListCollectionsRequest) (*accordv1.ListCollectionsResponse, error) {
	bound := binding("collections", "", nil)
	after, err := s.listAfter(req.GetPageToken(), bound)
	if err != nil {
		return nil, err
	}
	size := pageSize(req.GetPageSize(), defaultListPage, maxListPage)
	list, err := s.cfg.Store.ListVisibleCollections(ctx, auth.Visible(ctx), after, size+1)
	if err != nil {
		return nil, err
	}
	collections := make([]*accordv1.Collection, len(list))
	for i, c := range list {
		collections[i] = fromCollection(c)
	}
	collections, next := cutPage(collections, size, bound)
	return &accordv1.ListCollectionsResponse{Collections: collections, NextPageToken: next}, nil
}

// DeleteCollection implements accord.v1.CollectionService.
func (s *collectionServer) DeleteCollection(ctx context.Context, req *accordv1.DeleteCollectionRequest) (*accordv1.DeleteCollectionResponse, error) {
	id, _ := document.ParseCollectionName(req.GetName())
	if err := s.cfg.Store.DeleteCollection(ctx, id, req.GetForce()); err != nil {
		return nil, err
	}
	return &accordv1.DeleteCollectionResponse{}, nil
}
