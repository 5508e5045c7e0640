package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Nearest returns the passages of a space that score highest by their
// similarities to a centred vector, up to limit of each language, best first
// within a language, ties by document id and ordinal; an empty list where nothing
// matches. Within a language these are exactly those of brute force over the
// filter, unless it has indexes and the filter lets very many of its passages
// through: then the best of those that stand near by either similarity.
// incomplete says that an index gave fewer than limit and more may be there.
func (s *Store) Nearest(ctx context.Context, sp space.Space, vector []float32, scales calibrate.Scales, f document.Filter, limit int) (list []document.Candidate, incomplete bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		indexed, err := s.byIndex(ctx, sp, f)
		if err != nil {
			return err
		}
		windows := min(max(2*limit, minEFSearch), maxEFSearch)
		var found map[string]int
		if list, found, err = s.candidates(ctx, nearestQuery(sp, vector, scales, f, indexed, windows, limit), windows); err != nil {
			return err
		}
		// Indexes whose nearest windows are of few passages, and those that gave
		// too few of them, say too little: that language is read whole.
		short := slices.DeleteFunc(slices.Clone(indexed), func(language string) bool { return found[language] >= min(limit, windows) })
		if len(short) == 0 {
			return nil
		}
		vast, err := s.wide(ctx, sp, f, short, affordable*s.exact)
		if incomplete = len(vast) > 0; err != nil || len(vast) == len(short) {
			return err
		}
		indexed = slices.DeleteFunc(indexed, func(language string) bool {
			return slices.Contains(short, language) && !slices.Contains(vast, language)
		})
		list, _, err = s.candidates(ctx, nearestQuery(sp, vector, scales, f, indexed, windows, limit), windows)
		return err
	})
	return list, incomplete, err
}

// Similarities returns the candidates that the keys name, in no order; those
// that are gone are left out.
func (s *Store) Similarities(ctx context.Context, sp space.Space, vector []float32, keys []document.PassageKey) (list []document.Candidate, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		var q query
		q.text = "WITH " + similarities(fmt.Sprintf(`SELECT v.document_id, v.ordinal, v.language, v.role, v.centred <#> %s AS distance
			FROM %s k(document_id, ordinal) JOIN %s v USING (document_id, ordinal)`,
			q.arg(vectorValue(vector)), unnestKeys(&q, keys), quoteTable(sp.Calibration.CentredTable))) +
			" SELECT document_id, ordinal, language, passage, window_best, true FROM scored"
		list, _, err = s.candidates(ctx, q, minEFSearch)
		return err
	})
	return list, err
}

func unnestKeys(q *query, keys []document.PassageKey) string {
	ids, ordinals := splitKeys(keys)
	return "unnest(" + q.arg(ids) + "::text[], " + q.arg(ordinals) + "::integer[])"
}

func splitKeys(keys []document.PassageKey) (ids []string, ordinals []int32) {
	ids, ordinals = make([]string, len(keys)), make([]int32, len(keys))
	for i, k := range keys {
		ids[i], ordinals[i] = k.Document, int32(k.Ordinal)
	}
	return ids, ordinals
}

const (
	// minEFSearch keeps recall@10 above .95 at 100,000 rows a language (design,
	// Retrieval 6).
	minEFSearch = 100
	// maxEFSearch is pgvector's upper bound of hnsw.ef_search, which bounds the
	// rows that an index scan gives.
	maxEFSearch = 1000
	// maxScanTuples bounds the rows that an index scan looks at until as many pass
	// the filter as are asked for: those for 200 of a filter that lets a two
	// hundredth through.
	maxScanTuples = 40_000
	// scanMemory is how many times work_mem, 4 MB unless set otherwise, it may take
	// to remember them.
	scanMemory = 8
)

// roles are the lists that each index is asked for.
var roles = []document.Role{document.RolePassage, document.RoleSentences}

// nearestQuery builds the statement. Of each language with indexes: the nearest
// windows of each role, and of the passages that they stand in all windows. Of
// the others all windows that the filter lets through. Of these the two
// similarities of each passage, and the best passages of each language.
func nearestQuery(sp space.Space, vector []float32, scales calibrate.Scales, f document.Filter, indexed []string, windows, limit int) query {
	var q query
	table, v := quoteTable(sp.Calibration.CentredTable), q.arg(vectorValue(vector))
	whole := "true"
	var sources []string
	others, some := otherLanguages(&q, f, indexed)
	if some || narrows(f) {
		passageConditions(&q, sp.Collection, f)
	}
	if len(indexed) > 0 {
		filter := ""
		if narrows(f) {
			filter = " AND " + q.conditions()
		}
		q.text = indexLists(&q, table, v, indexed, filter, windows, limit) + ", "
		whole = "language NOT IN (SELECT language FROM short)"
		sources = append(sources, fmt.Sprintf(`SELECT v.document_id, v.ordinal, v.language, v.role, v.centred <#> %s AS distance
			FROM (SELECT DISTINCT document_id, ordinal FROM near) near JOIN %s v USING (document_id, ordinal)`, v, table))
	}
	if some {
		sources = append(sources, fmt.Sprintf(`SELECT v.document_id, v.ordinal, v.language, v.role, v.centred <#> %s AS distance
			FROM %s v WHERE %s AND %s`, v, table, others, q.conditions()))
	}
	q.text = "WITH " + q.text + similarities(strings.Join(sources, " UNION ALL ")) + `, ranked AS (
		SELECT scored.*, row_number() OVER (PARTITION BY language ORDER BY ` + weighted(&q, scales) + ` DESC, document_id, ordinal) AS place
		FROM scored)
		SELECT document_id, ordinal, language, passage, window_best, ` + whole + ` FROM ranked
		WHERE place <= ` + q.arg(limit) + ` ORDER BY language, place`
	return q
}

// indexLists defines the tables near, of the nearest windows by each index, and
// short, of the languages of which an index gave less than a limit and less than
// there is: an index looks at a bounded number of rows, of which it drops the dead
// ones and those that the filter, an addition to the conditions, does not pass.
// Languages are literals in the statement, since a partial index is used only
// where its predicate is seen to hold.
func indexLists(q *query, table, v string, indexed []string, filter string, windows, limit int) string {
	n, least := q.arg(windows), q.arg(min(limit, windows))
	var near, short []string
	for _, language := range indexed {
		for _, role := range roles {
			list, rows := len(near), "FROM "+table+" v WHERE "+indexPredicate(language, role)+filter
			near = append(near, fmt.Sprintf("(SELECT %d AS list, document_id, ordinal %s ORDER BY centred <#> %s LIMIT %s)", list, rows, v, n))
			short = append(short, fmt.Sprintf(`SELECT '%s' AS language FROM (SELECT count(*) AS n FROM near WHERE list = %d) given
				WHERE n < %[3]s AND n < (SELECT count(*) FROM (SELECT %[4]s LIMIT %[3]s) present)`, language, list, least, rows))
		}
	}
	return "near AS MATERIALIZED (" + strings.Join(near, " UNION ALL ") + "), short AS (" + strings.Join(short, " UNION ALL ") + ")"
}

// similarities defines the table scored: of each passage of which windows are
// selected its two similarities. Where one kind of window is missing, since a
// passage is short or a vector failed, the other stands for it.
func similarities(windows string) string {
	return fmt.Sprintf(`windows AS (%s), scored AS (
		SELECT document_id, ordinal, language, -coalesce(min(distance) FILTER (WHERE role = %[2]d), min(distance)) AS passage,
			-coalesce(min(distance) FILTER (WHERE role = %[3]d), min(distance)) AS window_best
		FROM windows GROUP BY document_id, ordinal, language)`, windows, document.RolePassage, document.RoleSentences)
}

// weighted is what orders the passages of one language: the sum of the two
// similarities, each by how much it varies. Whatever is added to it to make it a
// z-score is the same for all of them.
func weighted(q *query, scales calibrate.Scales) string {
	languages := slices.Sorted(maps.Keys(scales))
	passage, window := make([]float64, len(languages)), make([]float64, len(languages))
	for i, language := range languages {
		passage[i], window[i] = scales.Of(language).Weights()
	}
	place := "[coalesce(array_position(" + q.arg(languages) + "::text[], language), " +
		strconv.Itoa(slices.Index(languages, calibrate.Fallback)+1) + ")]"
	return "passage * (" + q.arg(passage) + "::float8[])" + place + " + window_best * (" + q.arg(window) + "::float8[])" + place
}

// otherLanguages is that a window is in a language that the filter may hold and
// that is not indexed; some is false where there is none.
func otherLanguages(q *query, f document.Filter, indexed []string) (condition string, some bool) {
	var primaries []string
	for _, r := range f.Languages {
		if p := document.PrimarySubtag(r); !slices.Contains(indexed, p) {
			primaries = append(primaries, p)
		}
	}
	switch {
	case len(primaries) > 0:
		return "v.language = ANY(" + q.arg(primaries) + ")", true
	case len(f.Languages) > 0:
		return "", false
	case len(indexed) > 0:
		return otherThan("v.language", indexed), true
	}
	return "true", true
}

// otherThan is that column is none of the languages, said as ranges, so that an
// index on it finds the few rows left. The languages are plain subtags.
func otherThan(column string, languages []string) string {
	sorted := slices.Sorted(slices.Values(languages))
	ranges := []string{fmt.Sprintf("%s < '%s'", column, sorted[0])}
	for i, language := range sorted {
		r := fmt.Sprintf("%s > '%s'", column, language)
		if i+1 < len(sorted) {
			r += fmt.Sprintf(" AND %s < '%s'", column, sorted[i+1])
		}
		ranges = append(ranges, r)
	}
	return "(" + strings.Join(ranges, " OR ") + ")"
}

// candidates asks in one round trip; what it sets ends with the batch. found
// counts them by language, where lists by index are not short.
func (s *Store) candidates(ctx context.Context, q query, efSearch int) (list []document.Candidate, found map[string]int, err error) {
	found = map[string]int{}
	var batch pgx.Batch
	batch.Queue(quickly)
	batch.Queue(`SELECT set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'relaxed_order', true),
		set_config('hnsw.max_scan_tuples', $2, true), set_config('hnsw.scan_mem_multiplier', $3, true)`,
		strconv.Itoa(efSearch), strconv.Itoa(maxScanTuples), strconv.Itoa(scanMemory))
	batch.Queue(q.text, q.args...).Query(func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c document.Candidate, err error) {
			var whole bool
			err = row.Scan(&c.Document, &c.Ordinal, &c.Language, &c.Passage, &c.Window, &whole)
			if whole {
				found[c.Language]++
			}
			return c, err
		})
		return err
	})
	err = s.pool.SendBatch(ctx, &batch).Close()
	return list, found, err
}

// rankedKinds are looked at unless a filter asks for others.
var rankedKinds = []document.Kind{document.KindParagraph, document.KindArticle}

// Likeness returns the cosine of the centred vectors of a passage and of those that
// the keys name, by the first piece of the one and the nearest piece of each other.
// Passages that are gone are left out.
func (s *Store) Likeness(ctx context.Context, sp space.Space, of document.PassageKey, keys []document.PassageKey) (likeness map[document.PassageKey]float64, err error) {
	likeness = make(map[document.PassageKey]float64, len(keys))
	if len(keys) == 0 {
		return likeness, nil
	}
	var q query
	table := quoteTable(sp.Calibration.CentredTable)
	q.text = fmt.Sprintf(`SELECT v.document_id, v.ordinal, -min(v.centred <#> one.centred)
		FROM (SELECT centred FROM %[1]s WHERE document_id = %[2]s AND ordinal = %[3]s AND role = %[4]d ORDER BY window_number LIMIT 1) one,
			%[5]s k(document_id, ordinal) JOIN %[1]s v USING (document_id, ordinal)
		WHERE v.role = %[4]d GROUP BY v.document_id, v.ordinal`,
		table, q.arg(of.Document), q.arg(of.Ordinal), document.RolePassage, unnestKeys(&q, keys))
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, q.text, q.args...)
		if err != nil {
			return err
		}
		var (
			key    document.PassageKey
			cosine float64
		)
		_, err = pgx.ForEachRow(rows, []any{&key.Document, &key.Ordinal, &cosine}, func() error {
			likeness[key] = cosine
			return nil
		})
		return err
	})
	return likeness, err
}
