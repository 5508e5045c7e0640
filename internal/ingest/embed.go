package ingest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

const (
	// extraWait is how much longer than for the active space a write waits for the
	// vectors of other spaces. It is at most half of the time to the write's deadline.
	extraWait = 5 * time.Second
	// skipPause is how long writes skip a space after one waited for it without getting
	// vectors.
	skipPause = time.Minute
)

// embedAll returns the windows of passages for the active space, which is the first,
// and for those of the others whose model servers answered in time. The other spaces
// are built later.
func (in *Ingester) embedAll(ctx context.Context, spaces []space.Space, d document.Document, passages []document.Passage) (
	active [][]document.Window, others map[string][][]document.Window, err error,
) {
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
				windows, err = in.embedOther(beside, sp, d, passages)
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
	active, err = in.embed(ctx, spaces[0], d, passages)
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

// embedOther returns the windows for a space that is not active. It returns nil if
// waiting for them would hold up the write: the server failed recently, or the
// calibration does not have the language yet.
func (in *Ingester) embedOther(ctx context.Context, sp space.Space, d document.Document, passages []document.Passage) ([][]document.Window, error) {
	if until, ok := in.skipUntil.Load(sp.VectorTable); ok && time.Now().Before(until.(time.Time)) ||
		!in.Calibrator.Knows(sp, document.PrimarySubtag(d.LanguageCode)) {
		return nil, nil
	}
	windows, err := in.embed(ctx, sp, d, passages)
	if err != nil {
		in.skipUntil.Store(sp.VectorTable, time.Now().Add(skipPause))
	}
	return windows, err
}

// embed returns the windows of each passage for a space.
func (in *Ingester) embed(ctx context.Context, stored space.Space, d document.Document, passages []document.Passage) ([][]document.Window, error) {
	sp, err := in.Spaces.Served(ctx, stored)
	if err != nil {
		return nil, err
	}
	if err := in.Calibrator.Prepare(ctx, sp, document.PrimarySubtag(d.LanguageCode)); err != nil {
		return nil, err
	}
	windows, texts := sp.Cut(passages)
	made, err := in.Embedder.EmbedPassages(ctx, sp, texts)
	if err != nil {
		return nil, err
	}
	if len(made) != len(texts) {
		return nil, fmt.Errorf("%d vectors for %d windows", len(made), len(texts))
	}
	for _, list := range windows {
		for i := range list {
			list[i].Embedding, made = made[0], made[1:]
		}
	}
	return windows, nil
}
