package v1

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// BatchGetPassages implements accord.v1.SearchService.
func (s *searchServer) BatchGetPassages(ctx context.Context, req *accordv1.BatchGetPassagesRequest) (*accordv1.BatchGetPassagesResponse, error) {
	collection := document.CollectionID(req.GetParent())
	keys := make([]document.PassageKey, len(req.GetNames()))
	for i, name := range req.GetNames() {
		of, key, ok := document.ParsePassageName(name)
		if !ok || of != collection {
			return nil, &document.FieldError{Field: "names", Problem: "must be passages of the collection of parent, such as " + document.PassageName(collection, "a", 0)}
		}
		keys[i] = key
	}
	found, complete, err := s.cfg.Store.GetPassages(ctx, collection, keys, maxPageBytes)
	if err != nil {
		return nil, err
	}
	out, size := &accordv1.BatchGetPassagesResponse{}, 0
	for i, key := range keys {
		p, exists := found[key]
		if !exists && complete {
			return nil, &document.ResourceError{Name: req.GetNames()[i], Err: document.ErrNotFound}
		}
		passage := fromPassage(document.Document{Collection: collection, ID: key.Document}, p)
		if size += proto.Size(passage); !complete || size > maxPageBytes && i > 0 {
			return nil, &document.FieldError{Field: "names", Problem: "name passages that together have more than 3 MiB; ask for fewer at once"}
		}
		out.Passages = append(out.Passages, passage)
	}
	return out, nil
}
