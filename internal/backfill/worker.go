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
	// BeginDocuments may begin only the first documents of ids. rest has the ids that are
	// still to begin.
	BeginDocuments(ctx context.Context, sp space.Space, ids []string, count func([]document.Passage) int) (begun []document.IncompleteDocument, rest []string, err error)
}

// worker embeds documents for one space.
type worker struct {
	documents
	embedder Embedder
	space    space.Space
	// prepare makes sure that the calibration of the space has a language. prepared holds
	// the languages for which that is done.
	prepare  func(ctx context.Context, sp space.Space, language string) error
	prepared map[string]bool
	// store adds windows to the space. It returns the ids of documents that have changed
	// since their embedding began.
	store         func(ctx context.Context, list []document.WindowsToAdd) (changed []string, err error)
	done, windows int // number of documents and windows that were added
}

// errStore means that the database failed, not the model server.
var errStore = errors.New("not stored")

// unfinished is a document that is being embedded.
type unfinished struct {
	document.IncompleteDocument
	missing int // number of windows without a vector
	gone    bool
}

// pending is a window without a vector.
type pending struct {
	document.PlacedWindow
	doc *unfinished
}

// embedDocuments embeds documents. Short ones share requests. ids must be sorted. A panic
// counts as an error of the model server.
func (w *worker) embedDocuments(ctx context.Context, ids []string) error {
	return guard.Call(func() error { return w.embedInTurn(ctx, ids) })
}

// embedInTurn embeds the documents in groups that share a transaction.
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

// appendMissing appends to windows those of a document that the space lacks, and to texts
// their texts.
func (w *worker) appendMissing(ctx context.Context, incomplete document.IncompleteDocument, windows []pending, texts []string) ([]pending, []string, error) {
	u := &unfinished{IncompleteDocument: incomplete}
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

// embed stores the vectors of each request when it is answered. So if the process is
// killed, only the requests in flight are lost.
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

// storeParts stores windows of documents. A document that was replaced meanwhile is
// embedded in the next round.
func (w *worker) storeParts(ctx context.Context, parts []*part) error {
	var list []document.WindowsToAdd
	for _, p := range parts {
		if p.doc.missing -= len(p.rows); !p.doc.gone {
			list = append(list, document.WindowsToAdd{IncompleteDocument: p.doc.IncompleteDocument, Rows: p.rows, Last: p.doc.missing == 0})
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
