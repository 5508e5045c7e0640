package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// ReplaceDocument calls ReplaceDocuments with one document.
func (s *Store) ReplaceDocument(ctx context.Context, sp space.Space, in document.Indexed) (d document.Document, before document.State, err error) {
	out := s.ReplaceDocuments(ctx, sp, []document.Indexed{in})[0]
	return out.Document, out.Before, out.Err
}

// ReplaceDocuments stores documents of one collection, with their passages and vectors, in
// one transaction. They replace the stored documents with the same names. No two documents
// of the list may have the same name. It returns the outcome of each document, in order. If
// the transaction fails and one document may be the reason, each half of the group is
// written separately, so that in the end only the document that cannot be stored fails.
//
// A document whose etag and content equal the stored ones is not written. If only fields
// besides text and structure differ, the vectors stay, and Windows may be nil. The windows
// are for the space sp, which must still be active; otherwise Others must have windows for
// the active space. Other spaces that get no windows are built later. The outcome is
// document.ErrChanged if vectors are needed and missing, document.ErrPrecondition if the
// stored document does not meet the precondition, and document.ErrNotFound if the
// collection is gone. A Deferred document needs no vectors: if its content is new, it waits
// in the queue.
func (s *Store) ReplaceDocuments(ctx context.Context, sp space.Space, list []document.Indexed) []document.ReplaceResult {
	out := make([]document.ReplaceResult, len(list))
	g := &group{collection: sp.Collection, members: make([]*member, len(list))}
	for i, in := range list {
		g.members[i] = &member{Indexed: in, windows: windowsBySpace(sp, in), out: &out[i]}
	}
	// A fixed order keeps two groups from deadlocking.
	slices.SortFunc(g.members, func(a, b *member) int { return strings.Compare(a.Document.ID, b.Document.ID) })
	withWindows := slices.DeleteFunc(slices.Clone(g.members), func(m *member) bool { return m.Windows == nil && !m.Deferred })
	err := readTermsOf(ctx, withWindows) // outside of the transaction, since it takes longer
	if err == nil {
		err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error { return g.replace(ctx, tx) })
	}
	switch {
	case err == nil:
		s.indexes.wake()
		s.foldIfMany(ctx, sp, g.counted)
		n := g.passages()
		s.analyses.countWritten(sp.Collection, n)
		if n > 0 {
			s.disk.written()
		}
	case len(list) > 1 && oneMayBeCause(ctx, err):
		half := len(list) / 2
		return append(s.ReplaceDocuments(ctx, sp, list[:half]), s.ReplaceDocuments(ctx, sp, list[half:])...)
	default:
		for i := range out {
			out[i] = document.ReplaceResult{Document: list[i].Document, Err: err}
		}
	}
	return out
}

// passages returns how many passages the documents of a group have.
func (g *group) passages() (n int) {
	for _, m := range g.members {
		n += len(m.Passages)
	}
	return n
}

// oneMayBeCause reports whether one document of a group may be the reason why its
// transaction failed.
func oneMayBeCause(ctx context.Context, err error) bool {
	return ctx.Err() == nil && !slices.ContainsFunc([]error{ErrUnavailable, ErrDenied, ErrSchema, document.ErrNotFound}, func(whole error) bool {
		return errors.Is(err, whole)
	})
}

// group is a set of documents that one transaction writes.
type group struct {
	collection string
	spaces     []writtenSpace // the active one first
	members    []*member      // ordered by id
	counted    int            // number of term counts that the group changes
}

// member is a document of a group.
type member struct {
	document.Indexed
	windows map[string][][]document.Window // by space
	before  storedState
	terms   []passageTerms // of the passages; see readTermsOf
	out     *document.ReplaceResult
}

// storedState is the state of a document before it is written.
type storedState struct {
	document.State
	content          string // content hash, whether embedded or not
	language, source string
	published        *time.Time
	queued           *string // value of queuedColumn
}

// windowsBySpace returns the windows by space, without spaces that have none.
func windowsBySpace(sp space.Space, in document.Indexed) map[string][][]document.Window {
	windows := maps.Clone(in.Others)
	if windows == nil {
		windows = map[string][][]document.Window{}
	}
	if in.Windows != nil {
		windows[sp.ID] = in.Windows
	}
	return windows
}

// readTermsOf reads the terms of members' passages, if they have not been read.
func readTermsOf(ctx context.Context, members []*member) (err error) {
	for _, m := range members {
		if m.terms == nil {
			if m.terms, err = readTerms(ctx, m.Passages); err != nil {
				return err
			}
		}
	}
	return nil
}

// exists reports whether the document is stored already.
func (m *member) exists() bool { return m.before.ETag != "" }

// sameContent reports whether the stored document has the same content. Unless the new
// document is deferred, the stored one must also be embedded.
func (m *member) sameContent() bool {
	if m.Deferred {
		return m.exists() && m.before.content == m.ContentHash
	}
	return m.before.ContentHash == m.ContentHash
}

// filterColumnsChange reports whether the language changes, or a column that searches
// filter by.
func (m *member) filterColumnsChange() bool {
	d, b := m.Document, m.before
	published := b.published == nil && d.PublishTime.IsZero() ||
		b.published != nil && b.published.UnixMicro() == d.PublishTime.UnixMicro() // microseconds are the precision of the column
	return !published || d.LanguageCode != b.language || d.Source != b.source
}

// replace locks the documents and writes those that differ from the stored ones.
func (g *group) replace(ctx context.Context, tx pgx.Tx) error {
	g.counted = 0
	before, err := g.lock(ctx, tx)
	if err != nil {
		return err
	}
	var (
		w    writePlan
		kept []*member // documents whose vectors stay
	)
	for _, m := range g.members {
		m.before = before[m.Document.ID]
		*m.out = document.ReplaceResult{Document: m.Document, Before: m.before.State}
		refused := m.CheckPrecondition(m.before.ETag)
		switch same := m.sameContent(); {
		case refused != nil:
			m.out.Err = refused
		case same && m.before.ETag == m.Document.ETag:
			m.out.Document.CreateTime, m.out.Document.UpdateTime = m.before.CreateTime, m.before.UpdateTime
			kept = append(kept, m)
		case same:
			kept = append(kept, m)
			w.documents, w.held = append(w.documents, m), append(w.held, m)
			if m.filterColumnsChange() {
				w.described, w.rewritten = append(w.described, m), append(w.rewritten, m)
			}
		case m.windows[g.spaces[0].ID] == nil && !m.Deferred:
			m.out.Err = &document.ResourceError{Name: document.Name(g.collection, m.Document.ID), Err: document.ErrChanged}
		default:
			w.documents = append(w.documents, m)
			w.renewed, w.rewritten = append(w.renewed, m), append(w.rewritten, m)
		}
	}
	if err := g.findFailures(ctx, tx, kept); err != nil || len(w.documents) == 0 {
		return err
	}
	return g.write(ctx, tx, w)
}

// lock excludes other writers of the documents, and changes to the collection and its
// spaces, until the transaction ends. It returns the stored states by id.
func (g *group) lock(ctx context.Context, tx pgx.Tx) (map[string]storedState, error) {
	ids := idsOf(g.members)
	before := make(map[string]storedState, len(ids))
	batch := &pgx.Batch{}
	batch.Queue(documentLocks, documentNames(g.collection, ids))
	batch.Queue(shareGate, document.CollectionName(g.collection))
	batch.Queue("SELECT FROM collections WHERE collection_id = $1 FOR KEY SHARE", g.collection)
	queueSpaces(batch, g.collection, &g.spaces)
	queueLeftovers(batch, g.collection, ids)
	batch.Queue(`SELECT d.document_id, d.etag, coalesce(i.content_hash, ''), d.create_time, d.update_time, d.content_hash, d.language_code, d.source, d.publish_time,
			`+queuedColumn+`
		FROM documents d JOIN spaces s ON s.collection_id = d.collection_id AND s.state = 'ACTIVE'
		LEFT JOIN indexed_documents i
			ON i.collection_id = d.collection_id AND i.document_id = d.document_id AND i.space_id = s.space_id AND i.complete
				AND i.incarnation = s.incarnation
		WHERE d.collection_id = $1 AND d.document_id = ANY($2) AND `+liveDocument("$1"), g.collection, ids).Query(func(rows pgx.Rows) error {
		var (
			id string
			st storedState
		)
		targets := []any{&id, &st.ETag, &st.ContentHash, &st.CreateTime, &st.UpdateTime, &st.content, &st.language, &st.source, &st.published, &st.queued}
		_, err := pgx.ForEachRow(rows, targets, func() error {
			before[id] = st
			return nil
		})
		return err
	})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	return before, requireSpaces(g.spaces, g.collection)
}

// findFailures reads the stored failures of documents whose vectors stay.
func (g *group) findFailures(ctx context.Context, tx pgx.Tx, kept []*member) error {
	if len(kept) == 0 {
		return nil
	}
	found, err := failures(ctx, tx, g.spaces[0].Space, idsOf(kept), maxFailures*len(kept))
	for _, m := range kept {
		for _, f := range found {
			if f.Document == m.Document.ID && len(m.out.Document.Failures) < maxFailures {
				m.out.Document.Failures = append(m.out.Document.Failures, f)
			}
		}
		m.out.Document.IndexState, m.out.Document.IndexError = indexState(m.before.queued, len(m.out.Document.Failures) > 0)
	}
	return err
}

func idsOf(members []*member) []string {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.Document.ID
	}
	return ids
}

// existing returns the ids of the members that replace a document.
func existing(members []*member) []string {
	return idsOf(slices.DeleteFunc(slices.Clone(members), func(m *member) bool { return !m.exists() }))
}

// publishTime returns the value of the column, which is nil for an undated document.
func publishTime(d document.Document) *time.Time {
	if d.PublishTime.IsZero() {
		return nil
	}
	return &d.PublishTime
}
