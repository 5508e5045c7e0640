// Package activation switches a collection to another of its embedding spaces. If asked to,
// it first compares the results of searches in the two spaces.
package activation

import (
	"context"
	"log/slog"

	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

// Searcher answers questions. See search.Searcher for the full contract.
type Searcher interface {
	Search(ctx context.Context, req search.Request) (search.Response, error)
}

// Spaces reads and activates spaces. See space.Registry for the full contract.
type Spaces interface {
	GetSpace(ctx context.Context, collection, id string) (space.Status, error)
	ActivateSpace(ctx context.Context, collection, id string) (space.Status, error)
}

// Calibrator updates calibrations. See maintenance.Keeper for the full contract.
type Calibrator interface {
	Changed(collection string)
}

// Request asks for the activation of a space.
type Request struct {
	Collection, Space string // ids
	// ValidateOnly compares the space, but does not activate it.
	ValidateOnly bool
	// Queries are compared in both spaces. Recent is how many of the last answered queries
	// of the collection are compared as well.
	Queries []string
	Recent  int
	// MinOverlap is the mean overlap, 0 to 1, below which the space is not activated.
	MinOverlap float64
}

// Activator activates spaces. It is safe for concurrent use.
type Activator struct {
	spaces     Spaces
	recorder   *Recorder
	calibrator Calibrator
	log        *slog.Logger
}

// New returns an activator. It takes recent queries from the recorder, and compares spaces
// with the recorder's searcher.
func New(spaces Spaces, recorder *Recorder, calibrator Calibrator, log *slog.Logger) *Activator {
	return &Activator{spaces: spaces, recorder: recorder, calibrator: calibrator, log: log}
}

// Activate makes a space the active one, and returns its status. The comparison is nil if
// the request has neither Queries nor Recent. The error is space.ErrNotReady if the space
// lacks documents, and ErrOverlapTooLow if the mean overlap is below MinOverlap.
func (a *Activator) Activate(ctx context.Context, req Request) (space.Status, *Comparison, error) {
	status, err := a.spaces.GetSpace(ctx, req.Collection, req.Space)
	if err != nil {
		return space.Status{}, nil, err
	}
	// Comparing a space that lacks documents would be misleading.
	if err := status.Ready(); err != nil {
		return space.Status{}, nil, err
	}
	comparison, err := a.compare(ctx, req)
	if err != nil || req.ValidateOnly {
		return status, comparison, err
	}
	if status, err = a.spaces.ActivateSpace(ctx, req.Collection, req.Space); err != nil {
		return space.Status{}, nil, err
	}
	a.log.InfoContext(ctx, "space activated", "space", status.Name(), "model", status.Model)
	a.calibrator.Changed(req.Collection) // checks the calibration now instead of after the next write
	return status, comparison, nil
}
