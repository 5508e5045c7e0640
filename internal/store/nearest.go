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
// They are the rows that brute force over the filter would give: exactly so
// where no index is used, which is whenever more than languages is filtered.
// An empty list where nothing matches.
func (s *Store) Nearest(ctx context.Context, sp space.Space, vector []float32, f document.Filter, limit int) (hits []document.Hit, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		indexed := usable(s.indexes.languages(sp.VectorTable), f)
		// Twice the passages leaves room for passages with several windows.
		for windows := 2 * limit; ; windows *= 8 {
			if windows > maxEFSearch {
				indexed = nil
			}
			var lists listEnds
			hits, lists, err = s.nearest(ctx, sp.Collection, nearestQuery(sp, vector, f, indexed, windows, limit), efSearch(indexed, windows))
			if err != nil || lists.complete(hits, len(indexed), limit) {
				return err
			}
			if lists.full < len(indexed) {
				indexed = nil
			}
		}
	})
	return hits, err
}

// listEnds says where the lists of nearest windows ended.
type listEnds struct {
	// full counts the lists by index that are as long as was asked for.
	full int
	// reach is the similarity at which the first of all lists that are as long
	// as was asked for was cut off; nil where none was.
	reach *float64
}

// complete reports whether the hits are all that there is, or nearer than
// anything that the lists left out. A list by index that is not full says
// nothing: an index gives a bounded number of rows, and drops the dead ones.
func (l listEnds) complete(hits []document.Hit, indexed, limit int) bool {
	if l.full < indexed {
		return false
	}
	return l.reach == nil || len(hits) == limit && hits[limit-1].Similarity >= *l.reach
}

// usable returns the indexed languages whose indexes give what the filter asks
// for. An index gives its nearest rows and leaves every other condition to the
// rows that it gave, of which too few would be left.
func usable(indexed []string, f document.Filter) []string {
	if !onlyLanguages(f) {
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
// language that has an index and exact lists for the rest, then the best window
// of each passage. Languages are literals in the statement, since a partial
// index is used only where its predicate is seen to hold.
func nearestQuery(sp space.Space, vector []float32, f document.Filter, indexed []string, windows, limit int) query {
	var q query
	table, v, n := quoteTable(sp.VectorTable), q.arg(vectorValue(vector)), q.arg(windows)
	lists := make([]string, 0, len(indexed)+1)
	for _, language := range indexed {
		lists = append(lists, fmt.Sprintf(`(SELECT language AS list, document_id, ordinal, embedding <#> %[1]s AS distance FROM %[2]s
			WHERE %[3]s ORDER BY embedding <#> %[1]s LIMIT %[4]s)`, v, table, indexPredicate(language), n))
	}
	lists = append(lists, exactLists(&q, table, v, n, sp.Collection, f, indexed))
	q.text = `WITH windows AS MATERIALIZED (` + strings.Join(lists, " UNION ALL ") + `),
		cut AS (SELECT list, -max(distance) AS reach FROM windows GROUP BY list HAVING count(*) >= ` + n + `),
		best AS (
			SELECT document_id, ordinal, min(distance) AS distance
			FROM windows GROUP BY document_id, ordinal ORDER BY distance, document_id, ordinal LIMIT ` + q.arg(limit) + `)
		SELECT (SELECT count(*) FROM cut WHERE list = ANY(` + q.arg(indexed) + `)), (SELECT max(reach) FROM cut), -best.distance, p.ordinal, p.kind, p.label, p.language_code, p.text,
			p.start_point, p.end_point, p.start_byte, p.end_byte, ` + documentColumns + `
		FROM best
		JOIN passages p ON p.collection_id = ` + q.arg(sp.Collection) + ` AND p.document_id = best.document_id AND p.ordinal = best.ordinal
		JOIN documents d ON d.collection_id = p.collection_id AND d.document_id = p.document_id
		ORDER BY best.distance, best.document_id, best.ordinal`
	return q
}

// exactLists selects the n rows nearest to v of those that the filter lets
// through: one list where no language has an index, otherwise one for each
// language without. Which those are is read off the index on language, a step a
// language, so that they cost nothing where all are indexed.
func exactLists(q *query, table, v, n, collection string, f document.Filter, indexed []string) string {
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = rankedKinds
	}
	q.where("v.kind = ANY(" + q.arg(kindNumbers(kinds)) + ")")
	if len(indexed) > 0 {
		q.where("v.language = present.language")
	}
	if len(f.Languages) > 0 {
		q.where(languageRanges(q, "v.language_code", f.Languages))
	}
	filterVectors(q, f, collection)
	name := "''" // of the one list of all languages
	if len(indexed) > 0 {
		name = "v.language"
	}
	list := fmt.Sprintf(`(SELECT %s AS list, v.document_id, v.ordinal, v.embedding <#> %s AS distance FROM %s v
		WHERE %s ORDER BY distance LIMIT %s)`, name, v, table, q.conditions(), n)
	if len(indexed) == 0 {
		return list
	}
	return fmt.Sprintf(`(WITH RECURSIVE present(language) AS (
			(SELECT language FROM %[1]s ORDER BY language LIMIT 1)
			UNION ALL
			SELECT (SELECT t.language FROM %[1]s t WHERE t.language > present.language ORDER BY t.language LIMIT 1)
			FROM present WHERE present.language IS NOT NULL)
		SELECT list.* FROM present CROSS JOIN LATERAL %[2]s list WHERE present.language <> ALL(%[3]s))`,
		table, list, q.arg(indexed))
}

// nearest asks in one round trip; what it sets ends with the batch.
func (s *Store) nearest(ctx context.Context, collection string, q query, efSearch int) (hits []document.Hit, lists listEnds, err error) {
	scan := func(row pgx.CollectableRow) (h document.Hit, err error) {
		h.Document.Collection = collection
		p, r := &h.Passage, &h.Passage.Range
		targets, finish := documentTargets(&h.Document)
		err = row.Scan(append([]any{
			&lists.full, &lists.reach, &h.Similarity, &p.Ordinal, &p.Kind, &p.Label, &p.LanguageCode, &p.Text,
			&r.Start, &r.End, &r.StartByte, &r.EndByte,
		}, targets...)...)
		finish()
		return h, err
	}
	var batch pgx.Batch
	if efSearch > 0 {
		// The planner reckons with a hundred languages in exactLists, and would
		// spend more on compiling the plan than the search takes.
		batch.Queue("SELECT set_config('hnsw.ef_search', $1, true), set_config('jit', 'off', true)", strconv.Itoa(efSearch))
	}
	batch.Queue(q.text, q.args...).Query(func(rows pgx.Rows) (err error) {
		hits, err = pgx.CollectRows(rows, scan)
		return err
	})
	err = s.pool.SendBatch(ctx, &batch).Close()
	return hits, lists, err
}

// rankedKinds are looked at unless a filter asks for others.
var rankedKinds = []document.Kind{document.KindParagraph, document.KindArticle}
