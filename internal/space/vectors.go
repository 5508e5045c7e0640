package space

import (
	"context"
	"fmt"
)

// Fingerprint returns the fingerprint of a space, or none if it has none yet. It asks no
// model server.
func (r *Registry) Fingerprint(ctx context.Context, sp Space) ([][]float32, error) {
	return r.store.Fingerprint(ctx, sp)
}

// Compatible returns the active space of a collection if vectors of another space can be
// stored in it. Otherwise the error wraps ErrModelMismatch.
func (r *Registry) Compatible(ctx context.Context, collection string, from Space) (Space, error) {
	sp, err := r.Active(ctx, collection)
	if err != nil {
		return Space{}, err
	}
	for _, same := range []struct {
		what      string
		own, from any
		equal     bool
	}{
		{"dimensions", sp.Dimensions, from.Dimensions, sp.Dimensions == from.Dimensions},
		{"max_tokens", sp.Profile.MaxTokens, from.Profile.MaxTokens, sp.Profile.MaxTokens == from.Profile.MaxTokens},
		{"windowing", sp.Windowing, from.Windowing, sp.Windowing == from.Windowing},
	} {
		if !same.equal {
			return Space{}, &OtherVectorsError{Space: sp.Name(), Detail: fmt.Sprintf("%s %v instead of %v", same.what, same.from, same.own)}
		}
	}
	switch {
	case len(from.Fingerprint) == 0:
		return Space{}, &OtherVectorsError{Space: sp.Name(), Detail: "no fingerprint of their model, which GetSpace returns if with_fingerprint is set"}
	case !r.models.SameModel(sp.Fingerprint, from.Fingerprint):
		return Space{}, &OtherVectorsError{Space: sp.Name(), Detail: fmt.Sprintf("the fingerprint of another model than %s", sp.Model)}
	}
	return sp, nil
}

// OtherVectorsError means that a caller's vectors were made with another model than those of
// a space, or for other windows. It wraps ErrModelMismatch.
type OtherVectorsError struct{ Space, Detail string }

// Error implements error.
func (e *OtherVectorsError) Error() string {
	return fmt.Sprintf("the vectors do not fit %s: they have %s; import without vectors, or into a collection with their model", e.Space, e.Detail)
}

// Public returns the message for callers.
func (e *OtherVectorsError) Public() string { return e.Error() }

// Unwrap returns the sentinel.
func (e *OtherVectorsError) Unwrap() error { return ErrModelMismatch }
