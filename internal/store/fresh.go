package store

import (
	"context"
	"fmt"

	"github.com/accord-search/accord/internal/space"
)

const (
	// absorbRows is how many rows one statement takes into an index: half a second,
	// which writers of the same documents wait.
	absorbRows = 200
	// tooFresh is the share of the passages that a language had when its generation
	// was made above which fresh ones are left to the next generation: to build an
	// index takes about half as long a row as to add to it.
	tooFresh = 0.5
)

// freshMany is that the language l of the calibration c has too many fresh rows in a table.
const freshMany = `(SELECT count(*) FROM %s v WHERE v.language = l.language AND v.fresh) > %v * l.passages`

// Stale reports whether so much of a language was written anew since the generation
// in use was made that the next one should bring another index.
func (s *Store) Stale(ctx context.Context, sp space.Space) (stale bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.pool.QueryRow(ctx, fmt.Sprintf(`SELECT EXISTS (SELECT FROM calibration_languages l
			WHERE (l.collection_id, l.space_id, l.generation) = ($1, $2, $3) AND `+freshMany+")",
			quoteTable(sp.Calibration.CentredTable), tooFresh), sp.Collection, sp.ID, sp.Calibration.Generation).Scan(&stale)
	})
	return stale, err
}

// absorb takes the fresh rows of a language into its index, unless there are so many
// that the next generation will.
func (k *indexKeeper) absorb(ctx context.Context, table, language string) error {
	ctx, cancel := context.WithTimeout(ctx, indexBuildLimit)
	defer cancel()
	var many bool
	err := k.pool.QueryRow(ctx, fmt.Sprintf(`SELECT EXISTS (SELECT FROM calibrations c JOIN calibration_languages l USING (collection_id, space_id, generation)
		WHERE c.centred_table = $1 AND l.language = $2 AND `+freshMany+")", quoteTable(table), tooFresh), table, language).Scan(&many)
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
