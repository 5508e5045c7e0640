package v1

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/activation"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

var _ accordv1.SpaceServiceServer = (*spaceServer)(nil)

type spaceServer struct {
	accordv1.UnimplementedSpaceServiceServer
	*Services
}

// ListSpaces implements accord.v1.SpaceService.
func (s *spaceServer) ListSpaces(ctx context.Context, req *accordv1.ListSpacesRequest) (*accordv1.ListSpacesResponse, error) {
	collection := document.CollectionID(req.GetParent())
	bound := binding("spaces", collection, nil)
	after, err := s.listAfter(req.GetPageToken(), bound)
	if err != nil {
		return nil, err
	}
	size := pageSize(req.GetPageSize(), defaultListPage, maxListPage)
	list, err := s.cfg.Spaces.ListSpaces(ctx, collection, after, size+1)
	if err != nil && !document.MissingDefault(err, collection) {
		return nil, err
	}
	spaces := make([]*accordv1.Space, len(list))
	for i, status := range list {
		spaces[i] = fromSpace(status)
	}
	spaces, next := cutPage(spaces, size, bound)
	return &accordv1.ListSpacesResponse{Spaces: spaces, NextPageToken: next}, nil
}

// GetSpace implements accord.v1.SpaceService.
func (s *spaceServer) GetSpace(ctx context.Context, req *accordv1.GetSpaceRequest) (*accordv1.GetSpaceResponse, error) {
	collection, id, _ := document.ParseSpaceName(req.GetName())
	status, err := s.cfg.Spaces.GetSpace(ctx, collection, id)
	if err != nil {
		return nil, err
	}
	failures, err := s.cfg.Spaces.Failures(ctx, collection, id, maxFailures)
	if err != nil {
		return nil, err
	}
	out := fromSpace(status)
	if req.GetWithFingerprint() {
		fingerprint, err := s.cfg.Spaces.Fingerprint(ctx, status.Space)
		if err != nil {
			return nil, err
		}
		out.Fingerprint = fromVector(slices.Concat(fingerprint...))
	}
	return &accordv1.GetSpaceResponse{Space: out, Failures: fromFailures(collection, failures)}, nil
}

// CreateSpace implements accord.v1.SpaceService.
func (s *spaceServer) CreateSpace(ctx context.Context, req *accordv1.CreateSpaceRequest) (*accordv1.CreateSpaceResponse, error) {
	status, err := s.cfg.Spaces.CreateSpace(ctx, document.CollectionID(req.GetParent()), req.GetModelServer())
	if err != nil {
		return nil, err
	}
	return &accordv1.CreateSpaceResponse{Space: fromSpace(status)}, nil
}

// ActivateSpace implements accord.v1.SpaceService.
func (s *spaceServer) ActivateSpace(ctx context.Context, req *accordv1.ActivateSpaceRequest) (*accordv1.ActivateSpaceResponse, error) {
	collection, id, _ := document.ParseSpaceName(req.GetName())
	status, comparison, err := s.cfg.Activator.Activate(ctx, activation.Request{
		Collection: collection, Space: id, ValidateOnly: req.GetValidateOnly(),
		Queries: req.GetCompareQueries(), Recent: int(req.GetCompareRecent()), MinOverlap: req.GetMinOverlap(),
	})
	if err != nil {
		return nil, err
	}
	return &accordv1.ActivateSpaceResponse{Space: fromSpace(status), Comparison: fromComparison(comparison)}, nil
}

func fromComparison(c *activation.Comparison) *accordv1.SpaceComparison {
	if c == nil {
		return nil
	}
	out := &accordv1.SpaceComparison{QueryCount: int32(len(c.Overlaps)), MeanOverlap: c.Mean}
	for _, o := range c.Overlaps {
		out.Queries = append(out.Queries, &accordv1.QueryOverlap{Query: o.Query, Overlap: o.Share})
	}
	return out
}

// DeleteSpace implements accord.v1.SpaceService.
func (s *spaceServer) DeleteSpace(ctx context.Context, req *accordv1.DeleteSpaceRequest) (*accordv1.DeleteSpaceResponse, error) {
	collection, id, _ := document.ParseSpaceName(req.GetName())
	if err := s.cfg.Spaces.DeleteSpace(ctx, collection, id); err != nil {
		return nil, err
	}
	s.cfg.Logger.InfoContext(ctx, "space deleted", "space", req.GetName())
	return &accordv1.DeleteSpaceResponse{}, nil
}

func fromSpace(s space.Status) *accordv1.Space {
	out := &accordv1.Space{
		Name: s.Name(), State: accordv1.SpaceState(accordv1.SpaceState_value["SPACE_STATE_"+string(s.State)]),
		Model: s.Model, ModelServer: s.Server, Dimensions: int32(s.Dimensions), MaxTokens: int32(s.Profile.MaxTokens),
		QueryPrefix: s.Profile.QueryPrefix, PassagePrefix: s.Profile.PassagePrefix,
		PrefixBy:      accordv1.PrefixBy(accordv1.PrefixBy_value["PREFIX_BY_"+strings.ToUpper(string(s.Profile.PrefixBy))]),
		Windowing:     accordv1.Windowing(s.Windowing),
		DocumentCount: s.Documents, PendingDocumentCount: s.Pending, WindowCount: s.Windows, FailedWindowCount: s.Failed,
		Progress: 1, CreateTime: timestamppb.New(s.CreateTime),
	}
	if s.Documents > 0 {
		out.Progress = float64(s.Documents-s.Pending) / float64(s.Documents)
	}
	if !s.ActivateTime.IsZero() {
		out.ActivateTime = timestamppb.New(s.ActivateTime)
	}
	return out
}
