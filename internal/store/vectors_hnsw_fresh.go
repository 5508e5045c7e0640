package store

import (
	"context"
	"fmt"

	"github.com/accord-search/accord/internal/space"
)

const (
	// absorbRows is how many rows one statement adds to an index. That takes half a
	// second, during which writers of the same documents wait.
	absorbRows = 200
	// maxFreshShare is the maximum share of fresh rows that is added to an index, relative
	// to the passages that the language had when its generation was made. If there are
	// more, they are left to the next generation: building an index takes about half as
	// long per row as adding to one.
	maxFreshShare = 0.5
)

// tooManyFresh is a condition on a language l of a calibration: the table has too many
// fresh rows of it.
const tooManyFresh = `(SELECT count(*) FROM %s v WHERE v.language = l.language AND v.fresh) > %v * l.passages`

// Stale reports whether a new generation should be built although the corpus has hardly
// changed: because a language has too many fresh rows for its index, or because the rows
// have no signatures of the collection's current terms.
func (s *Store) Stale(ctx context.Context, sp space.Space) (stale bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.pool.QueryRow(ctx, fmt.Sprintf(`SELECT EXISTS (SELECT FROM calibration_languages l
			WHERE (l.collection_id, l.space_id, l.generation) = ($1, $2, $3) AND `+tooManyFresh+`) OR EXISTS (
				SELECT FROM calibrations c JOIN collections USING (collection_id)
				WHERE (c.collection_id, c.space_id, c.generation) = ($1, $2, $3) AND signature_version < terms_version)`,
			quoteTable(sp.Calibration.CentredTable), maxFreshShare), sp.Collection, sp.ID, sp.Calibration.Generation).Scan(&stale)
	})
	return stale, err
}

// absorbFresh adds the fresh rows of a language to its index. If there are too many, it
// leaves them to the next generation.
func (k *indexKeeper) absorbFresh(ctx context.Context, table, language string) error {
	ctx, cancel := context.WithTimeout(ctx, indexBuildLimit)
	defer cancel()
	var many bool
	err := k.pool.QueryRow(ctx, fmt.Sprintf(`SELECT EXISTS (SELECT FROM calibrations c JOIN calibration_languages l USING (collection_id, space_id, generation)
		WHERE c.centred_table = $1 AND l.language = $2 AND `+tooManyFresh+")", quoteTable(table), maxFreshShare), table, language).Scan(&many)
	if err != nil || many {
		return err
	}
	for {
		tag, err := k.pool.Exec(ctx, fmt.Sprintf(`UPDATE %[1]s SET fresh = false WHERE (document_id, ordinal) IN (
			SELECT document_id, ordinal FROM %[1]s WHERE language = $1 AND fresh LIMIT %[2]d FOR UPDATE SKIP LOCKED)`,
			quoteTable(table), absorbRows), language)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
	}
}
