package v1

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// PositionKey is the metadata key of a position in the write-ahead log. The response to a
// write has the write's position under this key. A read that sends a position sees all
// writes up to it.
const PositionKey = "accord-wal-position"

// positionLimit is the timeout for reading the current position.
const positionLimit = time.Second

// requestedPosition returns the latest position that the caller of ctx asks to see, or 0.
func requestedPosition(ctx context.Context) (least store.Position, err error) {
	for _, text := range metadata.ValueFromIncomingContext(ctx, PositionKey) {
		at, err := store.ParsePosition(text)
		if err != nil {
			return 0, &document.FieldError{Field: PositionKey, Problem: err.Error()}
		}
		least = max(least, at)
	}
	return least, nil
}

// read calls the handler with a replica that has replayed the position that the call must
// see. If there is none, or if the replica fails or lacks the data, it calls the handler
// with the primary.
func (s *Services) read(ctx context.Context, req any, handler grpc.UnaryHandler) (any, error) {
	least, err := requestedPosition(ctx)
	if err != nil {
		return nil, err
	}
	switch req := req.(type) {
	case *accordv1.SearchRequest:
		least = max(least, foundAt(req.GetPageToken()))
	case *accordv1.BatchSearchRequest: // its handler calls read for each question
		return handler(ctx, req)
	}
	if s.cfg.Replicas == nil {
		return handler(ctx, req)
	}
	if onReplica, reading := s.cfg.Replicas.OnReplica(ctx, least); reading != nil {
		resp, err := handler(onReplica, req)
		if ctx.Err() != nil || !reading.Failed() && !outOfDate(err) {
			return resp, err
		}
	}
	return handler(ctx, req)
}

// outOfDate reports whether an error may have come from a replica that lags behind, or from
// another call that shared its work with this one and failed.
func outOfDate(err error) bool {
	for _, stale := range []error{document.ErrNotFound, document.ErrChanged, search.ErrExpired, store.ErrUnavailable, store.ErrDenied, store.ErrSchema, context.Canceled} {
		if errors.Is(err, stale) {
			return true
		}
	}
	return false
}

// writePosition returns metadata with the current position after a write. It returns nil if
// Config.Replicas is nil. It also returns nil if the position cannot be read, since the
// write has succeeded in any case.
func (s *Services) writePosition(ctx context.Context) metadata.MD {
	if s.cfg.Replicas == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), positionLimit)
	defer cancel()
	at, err := s.cfg.Replicas.Position(ctx)
	if err != nil {
		s.cfg.Logger.DebugContext(ctx, "cannot read the position of a write", "error", err)
		return nil
	}
	return metadata.Pairs(PositionKey, at.String())
}

// searchPosition returns the position that later pages of a search must see. It is 0 if
// there are no replicas or the position cannot be read.
func (s *Services) searchPosition(ctx context.Context) store.Position {
	if s.cfg.Replicas == nil || !s.cfg.Replicas.Replicated() {
		return 0
	}
	at, err := s.cfg.Replicas.Position(ctx)
	if err != nil {
		return 0
	}
	return at
}

// readOnlyMethods says for each method of accord.v1, by full name, whether it only
// reads.
func readOnlyMethods() map[string]bool {
	reads := map[string]bool{}
	for _, file := range []protoreflect.FileDescriptor{
		accordv1.File_accord_v1_search_service_proto, accordv1.File_accord_v1_ingest_service_proto,
		accordv1.File_accord_v1_collection_service_proto, accordv1.File_accord_v1_space_service_proto,
		accordv1.File_accord_v1_server_service_proto,
	} {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				options, _ := method.Options().(*descriptorpb.MethodOptions)
				reads[fmt.Sprintf("/%s/%s", service.FullName(), method.Name())] = options.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS
			}
		}
	}
	return reads
}
