package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Nearest returns up to limit passages of a space by similarity to a unit
// vector, ties by document id and ordinal; the best window of a passage counts.
// With a filter, exactly the rows that brute force over the filter would give.
// An empty list where nothing matches.
func (s *Store) Nearest(ctx context.Context, sp space.Space, vector []float32, f document.Filter, limit int) (hits []document.Hit, err error) {
	err = s.inTx(ctx, pgx.ReadOnly, func(ctx context.Context, tx pgx.Tx) error {
		indexed := usable(s.indexes.languages(sp.VectorTable), f)
		// Twice the passages leaves room for passages with several windows;
		// where even that is too little, everything is asked for again, wider.
		for windows := 2 * limit; ; windows *= 8 {
			var seen int
			if windows > maxEFSearch {
				indexed = nil
			}
			hits, seen, err = nearest(ctx, tx, sp.Collection, nearestQuery(sp, vector, f, indexed, windows, limit), efSearch(indexed, windows))
			if err != nil || len(hits) == limit || seen < windows {
				return err
			}
		}
	})
	return hits, err
}

// usable returns the indexed languages whose indexes give what the filter asks
// for. An index gives its nearest rows and leaves every other condition to the
// rows that it gave, of which too few would be left.
func usable(indexed []string, f document.Filter) []string {
	if !onlyLanguages(f) || len(f.Kinds) > 0 {
		return nil
	}
	if len(f.Languages) == 0 {
		return indexed
	}
	var both []string
	for _, language := range indexed {
		if slices.ContainsFunc(f.Languages, func(r string) bool { return strings.EqualFold(r, language) }) {
			both = append(both, language)
		}
	}
	return both
}

// maxEFSearch is pgvector's upper bound of hnsw.ef_search, which bounds the rows
// that an index scan gives.
const maxEFSearch = 1000

// efSearch returns what to set hnsw.ef_search to, or 0 where no index is used.
// 100 keeps recall@10 above .95 at 100,000 rows a language (design, Retrieval 6).
func efSearch(indexed []string, windows int) int {
	if len(indexed) == 0 {
		return 0
	}
	return max(windows, 100)
}

// nearestQuery builds the statement: one list of nearest windows for each
// language that has an index and one exact list for the rest, then the best
// window of each passage. Languages are literals in the statement, since a
// partial index is used only where its predicate is seen to hold.
func nearestQuery(sp space.Space, vector []float32, f document.Filter, indexed []string, windows, limit int) query {
	var q query
	table, v, n := quoteTable(sp.VectorTable), q.arg(vectorValue(vector)), q.arg(windows)
	lists := make([]string, 0, len(indexed)+1)
	for _, language := range indexed {
		lists = append(lists, fmt.Sprintf(`(SELECT document_id, ordinal, embedding <#> %[1]s AS distance FROM %[2]s
			WHERE %[3]s ORDER BY embedding <#> %[1]s LIMIT %[4]s)`, v, table, indexPredicate(language), n))
	}
	exactConditions(&q, table, sp.Collection, f, indexed)
	lists = append(lists, fmt.Sprintf(`(SELECT document_id, ordinal, embedding <#> %s AS distance FROM %s v
		WHERE %s ORDER BY distance LIMIT %s)`, v, table, q.conditions(), n))
	q.text = `WITH windows AS MATERIALIZED (` + strings.Join(lists, " UNION ALL ") + `), best AS (
		SELECT document_id, ordinal, min(distance) AS distance, (SELECT count(*) FROM windows) AS seen
		FROM windows GROUP BY document_id, ordinal ORDER BY distance, document_id, ordinal LIMIT ` + q.arg(limit) + `)
		SELECT best.seen, -best.distance, p.ordinal, p.kind, p.label, p.language_code, p.text,
			p.start_point, p.end_point, p.start_byte, p.end_byte, ` + documentColumns + `
		FROM best
		JOIN passages p ON p.collection_id = ` + q.arg(sp.Collection) + ` AND p.document_id = best.document_id AND p.ordinal = best.ordinal
		JOIN documents d ON d.collection_id = p.collection_id AND d.document_id = p.document_id
		ORDER BY best.distance, best.document_id, best.ordinal`
	return q
}

// exactConditions adds what rows of the exact list satisfy: the filter, and not
// to stand in the list of an indexed language. Which other languages there are
// is read off the index on language, a step a language, so that the list costs
// nothing where all are indexed.
func exactConditions(q *query, table, collection string, f document.Filter, indexed []string) {
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = rankedKinds
	}
	q.where("v.kind = ANY(" + q.arg(kindNumbers(kinds)) + ")")
	if len(indexed) > 0 {
		q.where(fmt.Sprintf(`v.language = ANY(ARRAY(
			WITH RECURSIVE present(language) AS (
				(SELECT language FROM %[1]s ORDER BY language LIMIT 1)
				UNION ALL
				SELECT (SELECT t.language FROM %[1]s t WHERE t.language > present.language ORDER BY t.language LIMIT 1)
				FROM present WHERE present.language IS NOT NULL)
			SELECT language FROM present WHERE language <> ALL(%[2]s)))`, table, q.arg(indexed)))
	}
	if len(f.Languages) > 0 {
		q.where(languageRanges(q, "v.language_code", f.Languages))
	}
	filterVectors(q, f, collection)
}

func nearest(ctx context.Context, tx pgx.Tx, collection string, q query, efSearch int) (hits []document.Hit, seen int, err error) {
	if efSearch > 0 {
		if _, err := tx.Exec(ctx, "SET LOCAL hnsw.ef_search = "+strconv.Itoa(efSearch)); err != nil {
			return nil, 0, err
		}
	}
	rows, err := tx.Query(ctx, q.text, q.args...)
	if err != nil {
		return nil, 0, err
	}
	hits, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (h document.Hit, err error) {
		h.Document.Collection = collection
		p, r := &h.Passage, &h.Passage.Range
		targets, finish := documentTargets(&h.Document)
		err = row.Scan(append([]any{
			&seen, &h.Similarity, &p.Ordinal, &p.Kind, &p.Label, &p.LanguageCode, &p.Text,
			&r.Start, &r.End, &r.StartByte, &r.EndByte,
		}, targets...)...)
		finish()
		return h, err
	})
	return hits, seen, err
}

// rankedKinds are looked at unless a filter asks for others.
var rankedKinds = []document.Kind{document.KindParagraph, document.KindArticle}
