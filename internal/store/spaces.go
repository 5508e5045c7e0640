package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// selectSpaces selects the columns that scanSpace reads: everything about a space except
// its fingerprint, which is long and rarely needed.
const selectSpaces = `SELECT s.collection_id, s.space_id, s.state, s.model, s.dimensions, s.model_server, s.profile, s.windowing, s.vector_table,
		c.generation, c.centred_table, c.indexed, ARRAY(SELECT l.language FROM calibration_languages l
			WHERE (l.collection_id, l.space_id, l.generation) = (c.collection_id, c.space_id, c.generation)
			AND l.short_query_mean IS NOT NULL ORDER BY l.language),
		(SELECT count(*) + count(l.short_query_mean) FROM calibration_languages l
			WHERE (l.collection_id, l.space_id, l.generation) = (c.collection_id, c.space_id, c.generation)),
		o.terms_table, ARRAY(SELECT t.language FROM term_languages t WHERE t.collection_id = o.collection_id ORDER BY t.language),
		ARRAY(SELECT t.language FROM term_languages t WHERE t.collection_id = o.collection_id AND t.packed ORDER BY t.language)
	FROM spaces s JOIN calibrations c USING (collection_id, space_id, generation) JOIN collections o USING (collection_id)`

// storedProfile is a document.ModelProfile in the form in which it is stored as JSON. The
// names of its fields must not change, since stored profiles have them.
type storedProfile struct {
	Model         string            `json:"model"`
	QueryPrefix   string            `json:"query_prefix"`
	PassagePrefix string            `json:"passage_prefix"`
	PrefixBy      document.PrefixBy `json:"prefix_by"`
	Dimensions    int               `json:"dimensions"`
	MaxTokens     int               `json:"max_tokens"`
	Normalised    bool              `json:"normalised"`
}

func scanSpace(row pgx.CollectableRow) (sp space.Space, err error) {
	return sp, row.Scan(spaceTargets(&sp)...)
}

func spaceTargets(sp *space.Space) []any {
	return []any{
		&sp.Collection, &sp.ID, &sp.State, &sp.Model, &sp.Dimensions, &sp.Server, (*storedProfile)(&sp.Profile), &sp.Windowing, &sp.VectorTable,
		&sp.Calibration.Generation, &sp.Calibration.CentredTable, &sp.Calibration.Indexed, &sp.Calibration.Languages, &sp.Calibration.Learned,
		&sp.Terms.Table, &sp.Terms.Languages, &sp.Terms.Packed,
	}
}

// ActiveSpace returns the active space of a collection, or document.ErrNotFound.
func (s *Store) ActiveSpace(ctx context.Context, collection string) (sp space.Space, err error) {
	err = s.readRows(ctx, keyLookup, activeSpaceQuery(collection), func(rows pgx.Rows) (err error) {
		sp, err = s.keepRecent(collection, rows)
		return notFound(err, document.CollectionName(collection))
	})
	return sp, err
}

func activeSpace(ctx context.Context, db querier, collection string) (sp space.Space, err error) {
	err = db.QueryRow(ctx, selectSpaces+" WHERE s.collection_id = $1 AND s.state = 'ACTIVE'", collection).Scan(spaceTargets(&sp)...)
	return sp, notFound(err, document.CollectionName(collection))
}

// Space returns a space of a collection, or document.ErrNotFound.
func (s *Store) Space(ctx context.Context, collection, id string) (sp space.Space, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		err := s.db(ctx).QueryRow(ctx, selectSpaces+" WHERE s.collection_id = $1 AND s.space_id = $2", collection, id).Scan(spaceTargets(&sp)...)
		return notFound(err, document.SpaceName(collection, id))
	})
	return sp, err
}

// Spaces returns all spaces of a collection, the active one first. It returns
// document.ErrNotFound if there is no such collection.
func (s *Store) Spaces(ctx context.Context, collection string) (list []space.Space, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, selectSpaces+" WHERE s.collection_id = $1 ORDER BY s.state <> 'ACTIVE', s.space_id", collection)
		if err != nil {
			return err
		}
		if list, err = pgx.CollectRows(rows, scanSpace); err == nil && len(list) == 0 {
			return &document.ResourceError{Name: document.CollectionName(collection), Err: document.ErrNotFound}
		}
		return err
	})
	return list, err
}

// Fingerprint returns the vectors of probe texts that were stored when a space was created.
// It returns nil for spaces of versions without fingerprints.
func (s *Store) Fingerprint(ctx context.Context, sp space.Space) (fingerprint [][]float32, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		var flat []float32
		err := s.db(ctx).QueryRow(ctx, "SELECT fingerprint FROM spaces WHERE collection_id = $1 AND space_id = $2", sp.Collection, sp.ID).Scan(&flat)
		fingerprint = slices.Collect(slices.Chunk(flat, sp.Dimensions))
		return notFound(err, sp.Name())
	})
	return fingerprint, err
}

// FingerprintOf returns the fingerprint of a space with the given id in any collection:
// that of the oldest space with a fingerprint, or nil.
func (s *Store) FingerprintOf(ctx context.Context, id string) (fingerprint [][]float32, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		var (
			flat       []float32
			dimensions int
		)
		err := s.pool.QueryRow(ctx, `SELECT fingerprint, dimensions FROM spaces WHERE space_id = $1 AND fingerprint <> '{}'
			ORDER BY create_time LIMIT 1`, id).Scan(&flat, &dimensions)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			fingerprint = slices.Collect(slices.Chunk(flat, dimensions))
		}
		return err
	})
	return fingerprint, err
}

// AddFingerprint sets the fingerprint of a space, if it has none.
func (s *Store) AddFingerprint(ctx context.Context, sp space.Space) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE spaces SET fingerprint = $3 WHERE collection_id = $1 AND space_id = $2 AND fingerprint = '{}'",
			sp.Collection, sp.ID, slices.Concat(sp.Fingerprint...))
		return err
	})
}

// selectStatuses selects the columns that scanStatus reads. It reports a READY space that
// lacks documents as BUILDING.
const selectStatuses = `SELECT s.space_id, s.model, s.dimensions, s.model_server, s.profile, s.windowing, s.create_time, s.activate_time,
		CASE WHEN s.state = 'READY' AND pending.n > 0 THEN 'BUILDING' ELSE s.state END, documents.n, pending.n, windows.n - failed.n, failed.n
	FROM spaces s JOIN collections o USING (collection_id)
	CROSS JOIN LATERAL (SELECT count(*) AS n FROM documents d WHERE (d.collection_id, d.incarnation) = (o.collection_id, o.incarnation)) documents
	CROSS JOIN LATERAL (SELECT count(*) AS n FROM documents d WHERE (d.collection_id, d.incarnation) = (o.collection_id, o.incarnation) AND ` + lacksDocument + `) pending
	CROSS JOIN LATERAL (SELECT coalesce(sum(i.window_count), 0)::bigint AS n FROM indexed_documents i
		WHERE (i.collection_id, i.space_id, i.incarnation) = (s.collection_id, s.space_id, s.incarnation) AND i.complete) windows
	CROSS JOIN LATERAL (SELECT count(*) AS n FROM failed_windows f JOIN indexed_documents i USING (collection_id, document_id, space_id)
		WHERE (i.collection_id, i.space_id, i.incarnation) = (s.collection_id, s.space_id, s.incarnation) AND i.complete) failed`

// lacksDocument is a condition on a space s and a document d: the space does not have all
// vectors of the document's current content.
const lacksDocument = `NOT EXISTS (SELECT FROM indexed_documents i
	WHERE (i.collection_id, i.document_id, i.space_id, i.content_hash) = (d.collection_id, d.document_id, s.space_id, d.content_hash)
		AND i.incarnation = s.incarnation AND i.complete)`

// SpaceStatus returns a space and its progress, or document.ErrNotFound.
func (s *Store) SpaceStatus(ctx context.Context, collection, id string) (st space.Status, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.db(ctx).Query(ctx, selectStatuses+" WHERE s.collection_id = $1 AND s.space_id = $2", collection, id)
		if err != nil {
			return err
		}
		st, err = pgx.CollectExactlyOneRow(rows, scanStatus(collection))
		return notFound(err, document.SpaceName(collection, id))
	})
	return st, err
}

// SpaceStatuses returns up to limit spaces of a collection, ordered by id after the
// given one, with their progress. It returns document.ErrNotFound if there is no such
// collection.
func (s *Store) SpaceStatuses(ctx context.Context, collection, after string, limit int) (list []space.Status, err error) {
	err = s.inTx(ctx, pgx.ReadOnly, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := activeSpace(ctx, tx, collection); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, selectStatuses+" WHERE s.collection_id = $1 AND s.space_id > $2 ORDER BY s.space_id LIMIT $3", collection, after, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanStatus(collection))
		return err
	})
	return list, err
}

func scanStatus(collection string) pgx.RowToFunc[space.Status] {
	return func(row pgx.CollectableRow) (st space.Status, err error) {
		var activated *time.Time
		st.Collection = collection
		err = row.Scan(&st.ID, &st.Model, &st.Dimensions, &st.Server, (*storedProfile)(&st.Profile), &st.Windowing, &st.CreateTime, &activated,
			&st.State, &st.Documents, &st.Pending, &st.Windows, &st.Failed)
		if activated != nil {
			st.ActivateTime = *activated
		}
		return st, err
	}
}
