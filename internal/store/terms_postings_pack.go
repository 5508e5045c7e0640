package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/space"
)

const (
	// segmentPassages bounds the passages of a segment, and so the memory (about 20 MB) and
	// the time (a few seconds) to pack it.
	segmentPassages = 20_000
	// packFresh is the number of unpacked passages of a language above which they are
	// packed. Comparing that many one by one takes .2 ms.
	packFresh = 200
	// maxGone is the share of deleted passages in a language's segments above which all its
	// passages are packed again.
	maxGone = 0.3
)

// packing describes the passages of a language whose postings may be packed.
type packing struct {
	language                string
	passages, packed, fresh int   // number of ranked passages, of passages in segments (deleted ones included), and of passages in no segment
	last                    int64 // highest number in segments
}

// packPostings packs the passages of a collection that have no postings yet, in its large
// languages.
func (s *Store) packPostings(ctx context.Context, sp space.Space) error {
	for _, language := range sp.Terms.Languages {
		for more := true; more; {
			p, err := s.toPack(ctx, sp, language)
			if err != nil {
				return err
			}
			if more, err = s.pack(ctx, sp, p); err != nil {
				return fmt.Errorf("pack postings in %s: %w", language, err)
			}
		}
	}
	return nil
}

// addPostings creates the posting tables of a collection that an older server created.
func (s *Store) addPostings(ctx context.Context, sp space.Space) error {
	return s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT add_postings($1) WHERE to_regclass(quote_ident($1)) IS NOT NULL AND to_regclass(quote_ident($2)) IS NULL",
			sp.Terms.Table, sp.Terms.Table+postingsSuffix)
		return err
	})
}

// toPack counts the passages of a language that are packed and that are not.
func (s *Store) toPack(ctx context.Context, sp space.Space, language string) (p packing, err error) {
	counts, err := s.TermCounts(ctx, sp, map[string][]int32{language: nil})
	if err != nil {
		return p, err
	}
	p.language, p.passages = language, counts[language].Passages
	err = s.read(ctx, func(ctx context.Context) error {
		return s.pool.QueryRow(ctx, fmt.Sprintf(`SELECT packed, last, (SELECT count(*) FROM %s v WHERE v.language = $1 AND %s AND v.number > last)
			FROM (SELECT coalesce(sum(passages), 0)::bigint AS packed, coalesce(max(last), 0) AS last FROM %s WHERE language = $1) segments`,
			quoteTable(sp.Terms.Table), numberedKinds, segmentsTable(sp.Terms.Table)), language).Scan(&p.packed, &p.last, &p.fresh)
	})
	return p, err
}

// pack packs passages of a language that are in no segment, at most one segment of them,
// and reports whether more may be left. If too many passages in the segments were deleted,
// it first removes all segments, so that all passages are packed again.
func (s *Store) pack(ctx context.Context, sp space.Space, p packing) (more bool, err error) {
	if gone := p.packed - (p.passages - p.fresh); p.packed > 0 && float64(gone) > maxGone*float64(p.packed) {
		return p.passages > fewPostings, s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
			if mine, err := lockPacking(ctx, tx, sp, p.language); err != nil || !mine {
				return err
			}
			return deleteSegments(ctx, tx, sp, p.language, 0)
		})
	}
	if p.passages <= fewPostings || p.fresh <= packFresh {
		return false, nil
	}
	last, err := s.lastNumber(ctx, sp, p.language)
	if err != nil {
		return false, err
	}
	mine := false
	err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if mine, err = lockPacking(ctx, tx, sp, p.language); err != nil || !mine {
			return err
		}
		more, err = packSegment(ctx, tx, sp, p, last)
		return err
	})
	if err != nil || !mine {
		return false, err
	}
	err = s.read(ctx, func(ctx context.Context) error {
		_, err := s.pool.Exec(ctx, "UPDATE term_languages SET packed = true WHERE collection_id = $1 AND language = $2 AND NOT packed", sp.Collection, p.language)
		return err
	})
	return more, err
}

// lastNumber returns the highest number of a language's passages. It excludes writers, and
// numbers are given in ascending order, so passages that are written later have higher
// ones.
func (s *Store) lastNumber(ctx context.Context, sp space.Space, language string) (last int64, err error) {
	err = s.withoutWriters(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, fmt.Sprintf("SELECT coalesce(max(v.number), 0) FROM %s v WHERE v.language = $1 AND %s",
			quoteTable(sp.Terms.Table), numberedKinds), language).Scan(&last)
	})
	return last, err
}

// lockPacking keeps other servers from packing the language until the transaction ends. It
// returns false if one of them holds the lock.
func lockPacking(ctx context.Context, tx pgx.Tx, sp space.Space, language string) (mine bool, err error) {
	err = tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", sp.Terms.Table+postingsSuffix+"/"+language).Scan(&mine)
	return mine, err
}

// deleteSegments deletes the segments of a language whose first passage number is at least
// first.
func deleteSegments(ctx context.Context, tx pgx.Tx, sp space.Space, language string, first int64) error {
	_, err := tx.Exec(ctx, fmt.Sprintf(`WITH forgotten AS (DELETE FROM %s WHERE language = $1 AND first >= $2 RETURNING segment)
		DELETE FROM %s WHERE segment IN (SELECT segment FROM forgotten)`,
		segmentsTable(sp.Terms.Table), postingsTable(sp.Terms.Table)), language, first)
	return err
}

// packSegment makes a segment of the passages of a language that follow the existing
// segments, up to the number upTo. If the last segments are at most twice as large, it
// merges them into the new one. So each passage is packed only a few times, and there are
// few segments. more reports whether the segment ends before upTo.
func packSegment(ctx context.Context, tx pgx.Tx, sp space.Space, p packing, upTo int64) (more bool, err error) {
	first, err := segmentStart(ctx, tx, sp, p, upTo)
	if err != nil || upTo < first {
		return false, err
	}
	last := min(upTo, first+mostOffset)
	read, err := readPostings(ctx, tx, sp, p.language, first, last)
	if err != nil {
		return false, err
	}
	if read.passages == segmentPassages {
		last = read.last // the next segment has the others
	}
	if err := deleteSegments(ctx, tx, sp, p.language, first); err != nil {
		return false, err
	}
	var segment int32
	err = tx.QueryRow(ctx, fmt.Sprintf("INSERT INTO %s (language, first, last, passages) VALUES ($1, $2, $3, $4) RETURNING segment",
		segmentsTable(sp.Terms.Table)), p.language, first, last, read.passages).Scan(&segment)
	if err != nil {
		return false, err
	}
	var rows [][]any
	for _, term := range slices.Sorted(maps.Keys(read.byTerm)) {
		for n, block := range blocksOf(read.byTerm[term]) {
			rows = append(rows, []any{segment, term, int32(n), block})
		}
	}
	return last < upTo, copyRows(ctx, tx, sp.Terms.Table+postingsSuffix, []string{"segment", "term", "block", "postings"}, rows)
}

// segmentStart returns the first passage number of a new segment, which may include the
// passages of existing segments.
func segmentStart(ctx context.Context, tx pgx.Tx, sp space.Space, p packing, last int64) (first int64, err error) {
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT first, last, passages FROM %s WHERE language = $1 ORDER BY last DESC", segmentsTable(sp.Terms.Table)), p.language)
	if err != nil {
		return 0, err
	}
	type segment struct {
		First, Last int64
		Passages    int
	}
	before, err := pgx.CollectRows(rows, pgx.RowToStructByPos[segment])
	if err != nil || len(before) == 0 {
		return 1, err
	}
	first, size := before[0].Last+1, p.fresh
	for _, b := range before {
		if b.Passages > 2*size || size+b.Passages > segmentPassages || last-b.First > mostOffset {
			break
		}
		first, size = b.First, size+b.Passages
	}
	return first, nil
}

// passagePostings are the postings of passages with consecutive numbers.
type passagePostings struct {
	byTerm   map[int32][]posting
	passages int   // how many passages these are
	last     int64 // number of the last of them
}

// readPostings returns the postings of a language's passages with the numbers first to last, but
// not of more passages than one segment holds.
func readPostings(ctx context.Context, tx pgx.Tx, sp space.Space, language string, first, last int64) (p passagePostings, err error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT v.number, v.weights FROM %s v WHERE v.language = $1 AND %s AND v.number BETWEEN $2 AND $3
		ORDER BY v.number LIMIT %d`, quoteTable(sp.Terms.Table), numberedKinds, segmentPassages), language, first, last)
	if err != nil {
		return p, err
	}
	p.byTerm = map[int32][]posting{}
	var weights pgvector.SparseVector
	_, err = pgx.ForEachRow(rows, []any{&p.last, &weights}, func() error {
		ids, values := termsIn(weights)
		for i, id := range ids {
			p.byTerm[id] = append(p.byTerm[id], newPosting(p.last-first, values[i]))
		}
		p.passages++
		return nil
	})
	return p, err
}
