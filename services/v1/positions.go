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

// PositionKey is the metadata in which a write says up to where the log of the database
// holds it, and in which a read asks to see at least so much.
const PositionKey = "accord-wal-position"

// positionLimit bounds the question how far the database is.
const positionLimit = time.Second

// askedPosition returns the furthest position that a call asks to see; 0 for none.
func askedPosition(ctx context.Context) (least store.Position, err error) {
	for _, text := range metadata.ValueFromIncomingContext(ctx, PositionKey) {
		at, err := store.ParsePosition(text)
		if err != nil {
			return 0, &document.FieldError{Field: PositionKey, Problem: err.Error()}
		}
		least = max(least, at)
	}
	return least, nil
}

// read has a replica answer that has replayed what the call asks to see, or if there is
// none, or it fails or does not have what is asked for, the primary.
func (s *Services) read(ctx context.Context, req any, handler grpc.UnaryHandler) (any, error) {
	least, err := askedPosition(ctx)
	if err != nil {
		return nil, err
	}
	if search, ok := req.(*accordv1.SearchRequest); ok {
		least = max(least, foundAt(search.GetPageToken()))
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

// outOfDate reports whether an error may be of a replica that has not replayed all, or
// of what failed for another call that shared its work.
func outOfDate(err error) bool {
	for _, of := range []error{document.ErrNotFound, document.ErrChanged, search.ErrExpired, store.ErrUnavailable, store.ErrSchema, context.Canceled} {
		if errors.Is(err, of) {
			return true
		}
	}
	return false
}

// written returns the metadata that tells the position of a write that has ended; none
// if the database does not say. The write is done by then.
func (s *Services) written(ctx context.Context) metadata.MD {
	if s.cfg.Replicas == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), positionLimit)
	defer cancel()
	at, err := s.cfg.Replicas.Position(ctx)
	if err != nil {
		s.cfg.Logger.DebugContext(ctx, "the position of a write is not known", "error", err)
		return nil
	}
	return metadata.Pairs(PositionKey, at.String())
}

// seen returns the position that later pages of a search must see; 0 if there are no
// replicas, or it is not known.
func (s *Services) seen(ctx context.Context) store.Position {
	if s.cfg.Replicas == nil || !s.cfg.Replicas.Replicated() {
		return 0
	}
	at, err := s.cfg.Replicas.Position(ctx)
	if err != nil {
		return 0
	}
	return at
}

// methods says which methods of accord.v1, by their full names, only read.
func methods() map[string]bool {
	reads := map[string]bool{}
	for _, file := range []protoreflect.FileDescriptor{
		accordv1.File_accord_v1_search_service_proto, accordv1.File_accord_v1_ingest_service_proto,
		accordv1.File_accord_v1_collection_service_proto, accordv1.File_accord_v1_space_service_proto,
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
