package ingest

import (
	"context"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Bounds of the documents in one transaction, so that it takes at most half a second on a
// small machine. A longer document is written alone.
const (
	groupDocuments = 64
	groupPassages  = 500
	groupBytes     = 1 << 20
)

// current is the state before a write: the spaces that the document is written to,
// beginning with the active one, and the state of the document in the active space.
type current struct {
	spaces []space.Space
	before document.State
}

// target is the key of a group: all documents of a group have the same collection and
// active space.
type target struct{ collection, vectorTable string }

// write is a document with the active space of its collection.
type write struct {
	active space.Space
	document.Indexed
}

// readCurrent reads the current states of documents of a collection.
func (in *Ingester) readCurrent(ctx context.Context, collection string, ids []string) []answer[current] {
	spaces, err := in.Spaces.WriteTargets(ctx, collection)
	if err != nil {
		return repeat(len(ids), answer[current]{err: err})
	}
	states, err := in.Store.DocumentStates(ctx, spaces[0], ids)
	if err != nil {
		return repeat(len(ids), answer[current]{err: err})
	}
	answers := make([]answer[current], len(ids))
	for i, id := range ids {
		answers[i].value = current{spaces, states[id]}
	}
	return answers
}

// storeGroup writes documents of a collection.
func (in *Ingester) storeGroup(ctx context.Context, _ target, group []write) []answer[document.ReplaceResult] {
	list := make([]document.Indexed, len(group))
	for i, w := range group {
		list[i] = w.Indexed
	}
	answers := make([]answer[document.ReplaceResult], len(group))
	for i, r := range in.Store.ReplaceDocuments(ctx, group[0].active, list) {
		answers[i] = answer[document.ReplaceResult]{r, r.Err}
	}
	return answers
}

// fitsGroup reports whether a document may be written together with a group: the bounds
// must hold, and the group must not contain a document of the same name.
func fitsGroup(group []write, next write) bool {
	passages, bytes := len(next.Passages), len(next.Document.Text)
	for _, w := range group {
		passages, bytes = passages+len(w.Passages), bytes+len(w.Document.Text)
	}
	return len(group) < groupDocuments && passages <= groupPassages && bytes <= groupBytes &&
		!slices.ContainsFunc(group, func(w write) bool { return w.Document.ID == next.Document.ID })
}
