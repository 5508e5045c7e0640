package build

import (
	"context"
	"errors"
	"fmt"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// errLost says that another builder took this one for dead, or that the space is
// gone.
var errLost = errors.New("the space is another builder's, or gone")

// worker builds one space.
type worker struct {
	*Builder
	calibrator         Calibrator
	space              space.Space
	prepared           map[string]bool // languages
	documents, windows int             // done
}

// unfinished is a document that is being embedded.
type unfinished struct {
	document.Unbuilt
	missing int // windows
	gone    bool
}

// pending is a window without a vector.
type pending struct {
	document.PlacedWindow
	of *unfinished
}

// hopeless is how many documents in a row must fail for the fault to be the model
// server's, and not of what they say.
const hopeless = 5

// all embeds every document that the space lacks, and returns the first error of
// one that fails. Documents written meanwhile come with their vectors, or are
// found by the next round.
func (w *worker) all(ctx context.Context) (failed error) {
	const atATime = 100
	for after := ""; ; {
		ids, err := w.store.DocumentsToBuild(ctx, w.space, after, atATime)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return failed
		}
		after = ids[len(ids)-1]
		if w.together(ctx, ids) == nil {
			continue
		}
		inARow := 0
		for _, id := range ids {
			err := w.together(ctx, []string{id})
			if err == nil {
				inARow = 0
				continue
			}
			if failed == nil {
				failed = fmt.Errorf("document %s: %w", id, err)
			}
			if inARow++; inARow == hopeless || ctx.Err() != nil {
				return failed
			}
		}
	}
}

// together embeds documents, short ones in requests that they share.
func (w *worker) together(ctx context.Context, ids []string) (err error) {
	var (
		windows []pending
		texts   []string
	)
	for i, id := range ids {
		if windows, texts, err = w.begin(ctx, id, windows, texts); err != nil {
			return err
		}
		if len(windows) < group && i+1 < len(ids) {
			continue
		}
		if err := w.embed(ctx, windows, texts); err != nil {
			return err
		}
		windows, texts = nil, nil
	}
	return nil
}

// begin appends the windows of a document that the space lacks, and their texts.
func (w *worker) begin(ctx context.Context, id string, windows []pending, texts []string) ([]pending, []string, error) {
	u := &unfinished{}
	var err error
	u.Unbuilt, err = w.store.BeginDocument(ctx, w.space, id, func(passages []document.Passage) int {
		_, texts := w.space.Cut(passages)
		return len(texts)
	})
	if err != nil || u.Passages == nil {
		return windows, texts, err
	}
	if err := w.prepare(ctx, document.PrimarySubtag(u.LanguageCode)); err != nil {
		return nil, nil, err
	}
	cut, all := w.space.Cut(u.Passages)
	for i, list := range cut {
		for number, window := range list {
			text := all[0]
			all = all[1:]
			if u.Held[[2]int{u.Passages[i].Ordinal, number}] {
				continue
			}
			u.missing++
			windows = append(windows, pending{document.PlacedWindow{Document: id, Passage: &u.Passages[i], Number: number, Window: window}, u})
			texts = append(texts, text)
		}
	}
	if u.missing == 0 {
		err = w.add(ctx, u, nil)
	}
	return windows, texts, err
}

func (w *worker) prepare(ctx context.Context, language string) error {
	if w.prepared[language] {
		return nil
	}
	if err := w.calibrator.Prepare(ctx, w.space, language); err != nil {
		return err
	}
	w.prepared[language] = true
	return nil
}

// embed stores the vectors of each request as it is answered, so that a builder
// that is killed leaves no more undone than what is in flight.
func (w *worker) embed(ctx context.Context, windows []pending, texts []string) error {
	if len(texts) == 0 {
		return nil
	}
	return w.embedder.EmbedEach(ctx, w.space, texts, func(start int, batch []document.Embedding) error {
		for len(batch) > 0 {
			u := windows[start].of
			var rows []document.PlacedWindow
			for len(rows) < len(batch) && start < len(windows) && windows[start].of == u {
				windows[start].Embedding = batch[len(rows)]
				rows = append(rows, windows[start].PlacedWindow)
				start++
			}
			batch = batch[len(rows):]
			u.missing -= len(rows)
			if err := w.add(ctx, u, rows); err != nil {
				return err
			}
		}
		return nil
	})
}

// add stores windows of a document. One that was written anew meanwhile has its
// vectors from there, or is found by the next round.
func (w *worker) add(ctx context.Context, u *unfinished, rows []document.PlacedWindow) error {
	if u.gone {
		return nil
	}
	err := w.store.AddWindows(ctx, w.space, w.name, u.Unbuilt, rows, u.missing == 0)
	if errors.Is(err, document.ErrChanged) {
		u.gone = true
		return nil
	}
	if err == nil {
		w.windows += len(rows)
		if u.missing == 0 {
			w.documents++
		}
	}
	return err
}
