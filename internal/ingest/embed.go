package ingest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

const (
	// extraWait is how much longer a write waits for the vectors of other spaces than for
	// those of the active one. It never waits for more than half of the time until its
	// deadline.
	extraWait = 5 * time.Second
	// skipPause is how long writes skip a space after one of them did not get its vectors in
	// time.
	skipPause = time.Minute
	// maxSkipped limits how many spaces are skipped at the same time. If more fail, the
	// oldest is no longer skipped, and one more write waits for it.
	maxSkipped = 1000
)

// embedding holds the vectors that a write has made so far, so that another try does not
// make them again. It is safe for concurrent use.
type embedding struct {
	given OwnVectors
	mu    sync.Mutex
	made  map[string]embedded // by vector table
}

// embedded holds texts with their vectors in one space.
type embedded struct {
	texts   []string
	vectors []document.Embedding
}

// get returns the vectors of texts in a space, or nil if they have not been made.
func (e *embedding) get(sp space.Space, texts []string) []document.Embedding {
	e.mu.Lock()
	defer e.mu.Unlock()
	if known := e.made[sp.VectorTable]; slices.Equal(known.texts, texts) {
		return known.vectors
	}
	return nil
}

func (e *embedding) put(sp space.Space, made embedded) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.made == nil {
		e.made = map[string]embedded{}
	}
	e.made[sp.VectorTable] = made
}

// embedAll returns the windows of passages for each space whose model server answered in
// time. The first space is the active one, which must be among them. The other spaces are
// embedded later.
func (in *Ingester) embedAll(ctx context.Context, spaces []space.Space, d document.Document, passages []document.Passage, done *embedding) (
	active [][]document.Window, others map[string][][]document.Window, err error,
) {
	ctx, stage := telemetry.Start(ctx, telemetry.IngestEmbed)
	defer func() { stage.End(err) }()
	var (
		mu   sync.Mutex
		wait sync.WaitGroup
	)
	others = map[string][][]document.Window{}
	beside, giveUp := context.WithCancel(ctx)
	defer giveUp()
	for _, sp := range spaces[1:] {
		wait.Go(func() {
			var windows [][]document.Window
			err := guard.Call(func() (err error) {
				windows, err = in.embedOther(beside, sp, d, passages, done)
				return err
			})
			if err != nil {
				in.Logger.WarnContext(ctx, "space not embedded by a write; it is built in the background",
					"space", sp.Name(), "document", d.ID, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if windows != nil {
				others[sp.ID] = windows
			}
		})
	}
	active, err = in.embed(ctx, spaces[0], d, passages, done)
	limit := extraWait
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	if err != nil {
		limit = 0
	}
	defer time.AfterFunc(limit, giveUp).Stop()
	wait.Wait()
	return active, others, err
}

// embedOther returns the windows for a space that is not active. It returns nil if waiting
// for them would hold up the write: the model server failed recently, or the calibration
// does not have the language yet.
func (in *Ingester) embedOther(ctx context.Context, sp space.Space, d document.Document, passages []document.Passage, done *embedding) ([][]document.Window, error) {
	if until, ok := in.skipUntil.Get(sp.VectorTable); ok && time.Now().Before(until) ||
		!in.Calibrator.Knows(sp, document.PrimarySubtag(d.LanguageCode)) {
		return nil, nil
	}
	windows, err := in.embed(ctx, sp, d, passages, done)
	if err != nil {
		in.skipUntil.Add(sp.VectorTable, time.Now().Add(skipPause))
	}
	return windows, err
}

// embed returns the windows of each passage for a space.
func (in *Ingester) embed(ctx context.Context, stored space.Space, d document.Document, passages []document.Passage, done *embedding) ([][]document.Window, error) {
	sp, err := in.Spaces.Served(ctx, stored)
	if err != nil {
		return nil, err
	}
	if err := in.Calibrator.Prepare(ctx, sp, document.PrimarySubtag(d.LanguageCode)); err != nil {
		return nil, err
	}
	windows, texts := sp.Cut(passages)
	if done.given.Vectors != nil && done.given.VectorTable == sp.VectorTable {
		return done.given.windows(sp, windows)
	}
	made := done.get(sp, texts)
	if made == nil {
		if made, err = in.Embedder.EmbedPassages(ctx, sp, texts); err != nil {
			return nil, err
		}
		if len(made) != len(texts) {
			return nil, fmt.Errorf("%d vectors for %d windows", len(made), len(texts))
		}
		done.put(sp, embedded{texts, made})
	}
	for _, list := range windows {
		for i := range list {
			list[i].Embedding, made = made[0], made[1:]
		}
	}
	return windows, nil
}
