package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Nearest returns the passages of a space with the highest similarities to a centred
// vector: up to limit of each language, best first within a language, ties by document id
// and ordinal. For a language with an index, it may return only three fifths of limit. The
// list is empty if nothing matches. Within a language the result is exact, unless the
// language has an index and very many of its passages match the filter. Then only the
// passages whose whole text is nearest are compared. incomplete reports that an index
// returned too few passages, so that some may be missing.
func (s *Store) Nearest(ctx context.Context, sp space.Space, vector []float32, scales calibrate.Scales, f document.Filter, limit int) (list []document.Candidate, incomplete bool, err error) {
	search := nearestSearch{sp: sp, vector: vector, scales: scales, filter: f, limit: limit}
	err = s.read(ctx, func(ctx context.Context) error {
		found, all, err := s.nearestCounting(ctx, search)
		if all || err != nil {
			list = found
			return err
		}
		indexed, err := s.languagesByIndex(ctx, sp, f)
		if err != nil {
			return err
		}
		window := nearestWindow(limit)
		var given map[string]int
		if list, given, err = s.nearest(ctx, search, indexed); err != nil {
			return err
		}
		// An index scan visits a bounded number of rows. It drops dead rows and rows that
		// do not match the filter. If it returns too few rows of a language, all its
		// passages are compared.
		short := slices.DeleteFunc(slices.Clone(indexed), func(language string) bool { return given[language] >= window })
		if len(short) == 0 {
			return nil
		}
		vast, err := s.languagesOver(ctx, sp, f, short, exactFactor*s.exact)
		if incomplete = len(vast) > 0; err != nil || len(vast) == len(short) {
			return err
		}
		indexed = slices.DeleteFunc(indexed, func(language string) bool {
			return slices.Contains(short, language) && !slices.Contains(vast, language)
		})
		list, _, err = s.nearest(ctx, search, indexed)
		return err
	})
	return list, incomplete, err
}

// Similarities returns the similarities of the given passages, in any order and without
// signatures. Deleted passages are left out.
func (s *Store) Similarities(ctx context.Context, sp space.Space, vector []float32, keys []document.PassageKey) (list []document.Candidate, err error) {
	a := similaritiesStatement(sp, vector, keys, &list)
	err = s.readRows(ctx, keyLookup, a.query, a.read)
	return list, err
}

// similaritiesStatement returns the statement that reads similarities into list.
func similaritiesStatement(sp space.Space, vector []float32, keys []document.PassageKey, list *[]document.Candidate) statement {
	var q query
	v := q.arg(centredValue(vector))
	q.text = fmt.Sprintf("SELECT %d::smallint, v.document_id, v.ordinal, v.language, %s, NULL::varbit FROM %s k(document_id, ordinal) JOIN %s v USING (document_id, ordinal)",
		byComparison, distances(v), unnestKeys(&q, keys), quoteTable(sp.Calibration.CentredTable))
	return candidatesStatement(q, list, nil, nil)
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
	// indexShare is the share of a limit that is requested for a language with an index,
	// and minEFSearch is the minimum number. Over 20,000 passages, requesting 60 instead of
	// 100 gives the same first ten, and saves 1.4 ms of Postgres's CPU and 1 ms of the
	// server's in two languages.
	indexShare  = 0.6
	minEFSearch = 60
	// maxEFSearch is pgvector's upper bound of hnsw.ef_search, which bounds the rows
	// that an index scan returns.
	maxEFSearch = 1000
	// maxScanTuples bounds the rows that an index scan visits until enough match the
	// filter. It is enough to find 200 rows if one row in two hundred matches.
	maxScanTuples = 40_000
	// scanMemory is the memory that an index scan may use to remember visited rows, as
	// a multiple of work_mem, which is 4 MB by default.
	scanMemory = 8
)

// nearestWindow returns how many passages are requested for a language with an index.
func nearestWindow(limit int) int {
	return min(max(int(indexShare*float64(limit)), minEFSearch), maxEFSearch)
}

// nearestSearch holds the arguments of Nearest.
type nearestSearch struct {
	sp     space.Space
	vector []float32
	scales calibrate.Scales
	filter document.Filter
	limit  int
}

// nearest returns the best passages of each language in order. It uses the indexes of the
// languages in indexed. given has, by language, how many passages the indexes returned.
func (s *Store) nearest(ctx context.Context, search nearestSearch, indexed []string) (list []document.Candidate, given map[string]int, err error) {
	window := nearestWindow(search.limit)
	given, list = map[string]int{}, make([]document.Candidate, 0, (len(indexed)+1)*window)
	settings := searchSettings(window)
	if fitsGenericPlan(search.filter, indexed) {
		settings += ", " + genericPlan
	}
	if err = s.send(ctx, settings, candidatesStatement(search.query(indexed, window), &list, given, nil)); err != nil {
		return nil, nil, err
	}
	return search.best(list), given, nil
}

// best orders candidates by language, the best first, and keeps the first ones of each.
func (search nearestSearch) best(list []document.Candidate) []document.Candidate {
	slices.SortFunc(list, func(a, b document.Candidate) int {
		if a.Language != b.Language {
			return strings.Compare(a.Language, b.Language)
		}
		passage, window := search.scales.Of(a.Language).Weights()
		return cmp.Or(cmp.Compare(passage*b.Passage+window*b.Window, passage*a.Passage+window*a.Window),
			strings.Compare(a.Document, b.Document), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	places := map[string]int{}
	return slices.DeleteFunc(list, func(c document.Candidate) bool {
		places[c.Language]++
		return places[c.Language] > search.limit
	})
}

// query builds the statement. For each indexed language it selects the nearest passages by
// the index, and the best of the fresh rows, which it compares one by one. For all other
// languages it compares every passage that matches the filter. The indexed languages are
// literals in the statement, because Postgres uses a partial index only if the statement
// implies its predicate. The limit is a literal too, because plans do not use the index
// otherwise.
func (search nearestSearch) query(indexed []string, window int) query {
	var q query
	v := q.arg(centredValue(search.vector))
	table, filter := quoteTable(search.sp.Calibration.CentredTable), ""
	passageConditions(&q, search.sp.Collection, search.filter)
	if narrowsLanguage(search.filter) {
		filter = " AND " + q.conditions()
	}
	var lists []string
	for _, language := range indexed {
		lists = append(lists, fmt.Sprintf("(SELECT %d::smallint, v.document_id, v.ordinal, v.language, %s, v.signature FROM %s v WHERE %s%s ORDER BY v.centred <#> %s LIMIT %d)",
			byIndex, distances(v), table, indexPredicate(language), filter, v, window))
	}
	if len(indexed) > 0 {
		lists = append(lists, search.exactBest(&q, table, v, "v.fresh AND ", fmt.Sprintf("t.language = ANY(%s)", q.arg(indexed))))
	}
	if others, exist := otherLanguages(&q, search.filter, indexed); exist {
		lists = append(lists, search.exactBest(&q, table, v, "", others))
	}
	q.text = strings.Join(lists, " UNION ALL ")
	return q
}

// exactBest selects the best passages of each language t for which the condition languages
// holds. It compares all passages for which condition and the conditions of the query hold.
func (search nearestSearch) exactBest(q *query, table, v, condition, languages string) string {
	known := slices.Sorted(maps.Keys(search.scales))
	passage, window := make([]float64, len(known)), make([]float64, len(known))
	for i, language := range known {
		passage[i], window[i] = search.scales.Of(language).Weights()
	}
	otherPassage, otherWindow := search.scales.Of(calibrate.Fallback).Weights()
	// OFFSET keeps Postgres from computing the sort key more than once.
	return fmt.Sprintf(`SELECT %d::smallint, best.* FROM (SELECT t.language, coalesce(w.passage, %s) AS passage, coalesce(w.sentences, %s) AS sentences,
				CASE WHEN t.language = ANY(c.indexed) THEN %d ELSE %d END AS most
			FROM calibrations c CROSS JOIN unnest(c.languages) t(language)
			LEFT JOIN unnest(%s::text[], %s::float8[], %s::float8[]) w(language, passage, sentences) ON w.language = t.language
			WHERE c.centred_table = %s AND %s) l
		CROSS JOIN LATERAL (SELECT * FROM (SELECT v.document_id, v.ordinal, v.language, %s, v.signature FROM %s v WHERE %sv.language = l.language AND %s OFFSET 0) scored
			ORDER BY l.passage * coalesce(whole, pair) + l.sentences * coalesce(pair, whole), document_id, ordinal LIMIT l.most) best`,
		byComparison, q.arg(otherPassage), q.arg(otherWindow), nearestWindow(search.limit), search.limit, q.arg(known), q.arg(passage), q.arg(window), q.arg(search.sp.Calibration.CentredTable), languages,
		distances(v), table, condition, q.conditions())
}

// otherLanguages returns a condition on a language t: the filter may match it, and it is
// not in indexed. exist is false if there is no such language.
func otherLanguages(q *query, f document.Filter, indexed []string) (condition string, exist bool) {
	if len(f.Languages) == 0 {
		return "t.language <> ALL(" + q.arg(append([]string{}, indexed...)) + "::text[])", true
	}
	var primaries []string
	for _, r := range f.Languages {
		if p := document.PrimarySubtag(r); !slices.Contains(indexed, p) {
			primaries = append(primaries, p)
		}
	}
	if len(primaries) == 0 {
		return "", false
	}
	return "t.language = ANY(" + q.arg(primaries) + ")", true
}

// distances returns the columns with the distances of a passage v: that of its whole text,
// and that of its nearest two sentences. They are NULL if there is no vector.
func distances(vector string) string { return strings.ReplaceAll(distancesOf, "?", vector) }

// distancesOf is the SQL of distances, with ? in place of the vector. The first sentences are
// compared one by one, which takes a third of the time of a subquery. Those that most
// passages lack are skipped together: over 1,000 passages this saves .1 of 1.1 ms. least()
// ignores NULL.
var distancesOf = func() string {
	const usual, few = 2, 8
	pairs := make([]string, few)
	for i := range pairs {
		pairs[i] = fmt.Sprintf("v.sentences[%d] <#> ?", i+1)
	}
	return fmt.Sprintf(`CASE WHEN v.pieces IS NULL THEN v.centred <#> ? ELSE (SELECT min(piece <#> ?) FROM unnest(v.pieces) piece) END AS whole,
		least(%s, CASE WHEN cardinality(v.sentences) > %d THEN least(%s, CASE WHEN cardinality(v.sentences) > %[4]d THEN
			(SELECT min(pair <#> ?) FROM unnest(v.sentences[%[4]d + 1:]) pair) END) END) AS pair`,
		strings.Join(pairs[:usual], ", "), usual, strings.Join(pairs[usual:], ", "), few)
}()

// searchSettings returns the settings of a search. They make Postgres scan a language by an
// index. Otherwise it would assume a language of average size and scan the whole table.
func searchSettings(efSearch int) string {
	return fmt.Sprintf(`SELECT set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true), set_config('enable_seqscan', 'off', true),
		set_config('hnsw.ef_search', '%d', true), set_config('hnsw.iterative_scan', 'relaxed_order', true),
		set_config('hnsw.max_scan_tuples', '%d', true), set_config('hnsw.scan_mem_multiplier', '%d', true)`, efSearch, maxScanTuples, scanMemory)
}

// These are the origins of rows that candidatesStatement reads.
const (
	byComparison = iota // a passage, compared with the vector
	byIndex             // a passage that an index found
	counted             // not a passage: the ordinal is the number of passages of a language that pass the filter
)

// candidatesStatement returns the statement that reads candidates into list. If given
// is not nil, it counts by language the candidates from an index. passes gets the counts
// of passages by language.
func candidatesStatement(q query, list *[]document.Candidate, given, passes map[string]int) statement {
	var (
		origin      int16
		c           document.Candidate
		whole, pair pgtype.Float8
	)
	return scanEach(q, []any{&origin, &c.Document, &c.Ordinal, &c.Language, &whole, &pair, storedSignature{&c.Signature}}, func() {
		switch origin {
		case counted:
			passes[c.Language] = c.Ordinal
			return
		case byIndex:
			given[c.Language]++
		}
		// If one distance is missing, because the passage is short or a window has no
		// vector, the other is used for both.
		if !whole.Valid {
			whole = pair
		}
		if !pair.Valid {
			pair = whole
		}
		c.Passage, c.Window = -whole.Float64, -pair.Float64
		*list = append(*list, c)
	})
}

// rankedKinds are the kinds that are searched unless a filter names others.
var rankedKinds = []document.Kind{document.KindParagraph, document.KindArticle}
