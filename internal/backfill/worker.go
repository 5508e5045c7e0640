package backfill

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// documents is the database access of a worker. See store.Store.
type documents interface {
	// BeginDocuments also returns the ids of those that are not begun yet.
	BeginDocuments(ctx context.Context, sp space.Space, ids []string, count func([]document.Passage) int) (begun []document.Unbuilt, rest []string, err error)
}

// worker embeds documents for one space.
type worker struct {
	documents
	embedder Embedder
	space    space.Space
	// prepare ensures that the calibration of the space has a language. prepared holds
	// the languages that it has.
	prepare  func(ctx context.Context, sp space.Space, language string) error
	prepared map[string]bool
	// store adds windows to the space, and returns the ids of documents that have
	// changed since they were begun.
	store         func(ctx context.Context, list []document.Built) (changed []string, err error)
	done, windows int // documents and windows that were added
}

// errStore means that a failure is the database's.
var errStore = errors.New("not stored")

// unfinished is a document that is being embedded.
type unfinished struct {
	document.Unbuilt
	missing int // number of windows without a vector
	gone    bool
}

// pending is a window without a vector.
type pending struct {
	document.PlacedWindow
	doc *unfinished
}

// embedDocuments embeds documents. Short ones share requests. ids must be sorted. A panic
// is an error of the documents, like one of the model server.
func (w *worker) embedDocuments(ctx context.Context, ids []string) error {
	return guard.Call(func() error { return w.embedInTurn(ctx, ids) })
}

// embedInTurn embeds as many documents at a time as share a transaction.
func (w *worker) embedInTurn(ctx context.Context, ids []string) error {
	for len(ids) > 0 {
		begun, rest, err := w.BeginDocuments(ctx, w.space, ids, func(passages []document.Passage) int {
			_, texts := w.space.Cut(passages)
			return len(texts)
		})
		if err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		var (
			windows []pending
			texts   []string
		)
		for _, u := range begun {
			if windows, texts, err = w.appendMissing(ctx, u, windows, texts); err != nil {
				return err
			}
		}
		if err := w.embed(ctx, windows, texts); err != nil {
			return err
		}
		ids = rest
	}
	return nil
}

// appendMissing appends the windows of a document that the space lacks, and their
// texts.
func (w *worker) appendMissing(ctx context.Context, unbuilt document.Unbuilt, windows []pending, texts []string) ([]pending, []string, error) {
	u := &unfinished{Unbuilt: unbuilt}
	if language := document.PrimarySubtag(u.LanguageCode); !w.prepared[language] {
		if err := w.prepare(ctx, w.space, language); err != nil {
			return nil, nil, err
		}
		w.prepared[language] = true
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
			windows = append(windows, pending{document.PlacedWindow{Document: u.ID, Passage: &u.Passages[i], Number: number, Window: window}, u})
			texts = append(texts, text)
		}
	}
	if u.missing == 0 {
		return windows, texts, w.storeParts(ctx, []*part{{doc: u}})
	}
	return windows, texts, nil
}

// part holds some of the windows of a document.
type part struct {
	doc  *unfinished
	rows []document.PlacedWindow
}

// embed stores the vectors of each request as it is answered. So only the requests in
// flight are lost if the process is killed.
func (w *worker) embed(ctx context.Context, windows []pending, texts []string) error {
	if len(texts) == 0 {
		return nil
	}
	return w.embedder.EmbedEach(ctx, w.space, texts, func(start int, batch []document.Embedding) error {
		var parts []*part
		for i, embedding := range batch {
			window := windows[start+i]
			window.Embedding = embedding
			if len(parts) == 0 || parts[len(parts)-1].doc != window.doc {
				parts = append(parts, &part{doc: window.doc})
			}
			last := parts[len(parts)-1]
			last.rows = append(last.rows, window.PlacedWindow)
		}
		return w.storeParts(ctx, parts)
	})
}

// storeParts stores windows of documents. A document that was changed meanwhile without
// vectors is found in the next round.
func (w *worker) storeParts(ctx context.Context, parts []*part) error {
	var list []document.Built
	for _, p := range parts {
		if p.doc.missing -= len(p.rows); !p.doc.gone {
			list = append(list, document.Built{Unbuilt: p.doc.Unbuilt, Rows: p.rows, Last: p.doc.missing == 0})
		}
	}
	if len(list) == 0 {
		return nil
	}
	changed, err := w.store(ctx, list)
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	for _, p := range parts {
		switch {
		case p.doc.gone:
		case slices.Contains(changed, p.doc.ID):
			p.doc.gone = true
		default:
			if w.windows += len(p.rows); p.doc.missing == 0 {
				w.done++
			}
		}
	}
	return nil
}
