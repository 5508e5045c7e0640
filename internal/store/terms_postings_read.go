package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

const (
	// maxPostingsRead bounds the postings of a language that a search reads. 290,000 take 4.6
	// ms of CPU, and each further 100,000 about .7 ms. Comparing the passages with the rarest
	// terms takes 12 ms, whatever the number of postings, and may miss some of the best.
	maxPostingsRead = 1_000_000
	// fewFresh bounds the passages without postings that a search compares one by one in a
	// language.
	fewFresh = 1_000
)

// fewEnoughPostings reports whether a query's terms have few enough postings to read
// them.
func fewEnoughPostings(q lexical.Query) bool {
	sum := 0
	for _, id := range q.Held() {
		sum += q.Holding(id)
	}
	return 0 < sum && sum <= maxPostingsRead
}

// postingSearch is a search by postings.
type postingSearch struct {
	sp        space.Space
	queries   map[string]lexical.Query
	languages []string // languages whose passages have postings
	limit     int
	spare     int   // number of additional passages to read
	others    query // selects the matches of all other languages; empty if there are none
}

// wanted returns how many passages of a language are read with their exact scores. It is
// more than limit, because weights in postings are rounded and some of the passages may be
// deleted.
func (search postingSearch) wanted() int { return search.limit + search.limit/8 + 10 + search.spare }

// queryTerm is a term of a query in a language.
type queryTerm struct {
	language string
	weight   float32
}

// matchesByPostings returns the best matches of the languages with postings, together with
// the matches that the query search.others selects. If too many of the passages that it
// finds turn out to be deleted, it reads more, once. left are the languages that it leaves
// out: too many of their passages have no postings yet, or were deleted.
func (s *Store) matchesByPostings(ctx context.Context, search postingSearch) (list []document.Match, left []string, err error) {
	first, err := s.snapshotMatches(ctx, search)
	if err != nil || len(first.short) == 0 {
		return first.list, first.left, err
	}
	search.languages, search.spare, search.others = first.short, 2*search.limit, query{}
	more, err := s.snapshotMatches(ctx, search)
	return append(first.list, more.list...), slices.Concat(first.left, more.left, more.short), err
}

// postingMatches are the matches that one snapshot gave.
type postingMatches struct {
	list  []document.Match
	left  []string // languages that were left out: see matchesByPostings
	short []string // languages without matches in list, because too few of the found passages still exist
}

// snapshotMatches does the work of matchesByPostings in one snapshot.
func (s *Store) snapshotMatches(ctx context.Context, search postingSearch) (m postingMatches, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return m, err
	}
	defer conn.Release() // closes the connection if its transaction is still open
	found, left, err := search.sumPostings(ctx, conn, &m.list)
	if err != nil {
		return postingMatches{}, err
	}
	m.left = left
	var batch pgx.Batch
	matches := map[string][]document.Match{}
	if len(found) > 0 {
		q := search.exactQuery(found)
		batch.Queue(q.text, q.args...).Query(func(rows pgx.Rows) (err error) {
			matches, err = search.readMatches(rows)
			return err
		})
	}
	batch.Queue("COMMIT")
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return postingMatches{}, err
	}
	for _, language := range search.languages {
		matched := matches[language]
		if c, ok := found[language]; ok && c.more && len(matched) < search.limit {
			m.short = append(m.short, language)
			continue
		}
		m.list = append(m.list, matched[:min(search.limit, len(matched))]...)
	}
	return m, nil
}

// topPassages are the best passages of a language, by number.
type topPassages struct {
	list []scored
	more bool // whether further passages share terms with the query
}

// sumPostings begins a transaction, adds up the scores from postings, and reads the
// matches of other languages into others.
func (search postingSearch) sumPostings(ctx context.Context, conn *pgxpool.Conn, others *[]document.Match) (found map[string]topPassages, left []string, err error) {
	sums, many := map[string]*scoreSums{}, map[string]bool{}
	for _, language := range search.languages {
		sum := sumsPool.Get().(*scoreSums)
		defer sumsPool.Put(sum)
		sum.reset(search.wanted())
		sums[language] = sum
	}
	var batch pgx.Batch
	batch.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	batch.Queue(keyLookup)
	statements := []statement{search.blocksStatement(sums), search.freshStatement(sums, many)}
	if search.others.text != "" {
		statements = append(statements, matchesStatement(search.others, others))
	}
	for _, s := range statements {
		batch.Queue(s.text, s.args...).Query(s.read)
	}
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, nil, err
	}
	found = map[string]topPassages{}
	for _, language := range search.languages {
		if many[language] {
			left = append(left, language)
			continue
		}
		list, more := sums[language].best()
		found[language] = topPassages{list, more}
	}
	return found, left, nil
}

// blocksStatement returns the statement that adds the blocks of postings to the sums.
func (search postingSearch) blocksStatement(sums map[string]*scoreSums) statement {
	var (
		place         int
		first         int64
		block         pgtype.DriverBytes
		blocks, terms = search.blocksQuery()
	)
	return scanEach(blocks, []any{&place, &first, &block}, func() {
		term := terms[place-1]
		sums[term.language].addBlock(block, first, term.weight)
	})
}

// freshStatement returns the statement that adds the passages without postings to the sums.
// It sets many[language] to true if the language has more than fewFresh such passages,
// which a search does not compare.
func (search postingSearch) freshStatement(sums map[string]*scoreSums, many map[string]bool) statement {
	var (
		language string
		number   int64
		score    float32
	)
	return scanEach(search.freshQuery(), []any{&language, &number, &score}, func() {
		if number > 0 {
			sums[language].add(number, score)
		} else if score > fewFresh {
			many[language] = true
		}
	})
}

// blocksQuery builds the query that reads the blocks, segment by segment. The query's first
// column is an index into terms, counted from 1.
func (search postingSearch) blocksQuery() (q query, terms []queryTerm) {
	var (
		languages []string
		ids       []int32
	)
	for _, language := range search.languages {
		lexicalQuery := search.queries[language]
		for _, id := range lexicalQuery.Held() {
			terms = append(terms, queryTerm{language, lexicalQuery.Weights[id]})
			languages, ids = append(languages, language), append(ids, id)
		}
	}
	q.text = fmt.Sprintf(`SELECT b.place, s.first, b.postings
		FROM %s s CROSS JOIN LATERAL (SELECT a.place, p.postings
			FROM unnest(%s::text[], %s::integer[]) WITH ORDINALITY a(language, term, place) JOIN %s p ON p.segment = s.segment AND p.term = a.term
			WHERE a.language = s.language OFFSET 0) b
		ORDER BY s.segment`,
		segmentsTable(search.sp.Terms.Table), q.arg(languages), q.arg(ids), postingsTable(search.sp.Terms.Table))
	return q, terms
}

// freshQuery builds the query that compares passages without postings. It returns the best
// of them in each language. A row with number 0 has their count, up to fewFresh + 1. The
// query reads them in the order of their numbers: otherwise the planner, which does not
// know the last packed number, may read all passages of the language.
func (search postingSearch) freshQuery() (q query) {
	table := quoteTable(search.sp.Terms.Table)
	var lists []string
	for _, language := range search.languages {
		name, weights, n := q.arg(language), q.arg(sparseVector(search.queries[language].Weights)), q.arg(search.wanted())
		lists = append(lists, fmt.Sprintf(`(WITH fresh AS MATERIALIZED (SELECT v.number, v.weights <#> %s AS distance FROM %s v
				WHERE v.language = %s AND %s AND v.number > coalesce((SELECT max(last) FROM %s WHERE language = %s), 0)
				ORDER BY v.number LIMIT %d)
			SELECT %[3]s::text, number, (-distance)::real FROM (SELECT 0 AS number, -count(*)::float8 AS distance FROM fresh
				UNION ALL (SELECT number, distance FROM fresh WHERE distance < 0 ORDER BY distance, number LIMIT %[8]s)) counted)`,
			weights, table, name, numberedKinds, segmentsTable(search.sp.Terms.Table), name, fewFresh+1, n))
	}
	q.text = strings.Join(lists, " UNION ALL ")
	return q
}

// numberedKinds is a condition on passages v: their kind has postings. It repeats the
// predicate of the index on numbers, so that Postgres can use that index.
var numberedKinds = fmt.Sprintf("v.kind IN (%d, %d)", document.KindParagraph, document.KindArticle)

// exactQuery builds the query that reads passages by their numbers.
func (search postingSearch) exactQuery(found map[string]topPassages) (q query) {
	var (
		languages []string
		numbers   []int64
	)
	for _, language := range search.languages {
		for _, p := range found[language].list {
			languages, numbers = append(languages, language), append(numbers, p.number)
		}
	}
	q.text = fmt.Sprintf(`SELECT v.document_id, v.ordinal, v.language, v.length, v.weights
		FROM unnest(%s::text[], %s::bigint[]) k(language, number) JOIN %s v ON v.language = k.language AND v.number = k.number AND %s`,
		q.arg(languages), q.arg(numbers), quoteTable(search.sp.Terms.Table), numberedKinds)
	return q
}

// readMatches reads the matches by language, best first.
func (search postingSearch) readMatches(rows pgx.Rows) (map[string][]document.Match, error) {
	scorers := scorersOf(search.queries)
	matches := map[string][]document.Match{}
	var (
		key     document.PassageKey
		terms   document.PassageTerms
		weights pgvector.SparseVector
	)
	_, err := pgx.ForEachRow(rows, []any{&key.Document, &key.Ordinal, &terms.Language, &terms.Length, &weights}, func() error {
		terms.IDs, terms.Weights = termsIn(weights)
		if terms.Score = scorers[terms.Language].Score(terms.IDs, terms.Weights); terms.Score > 0 {
			read := terms
			m := document.Match{PassageKey: key, Language: terms.Language, Score: terms.Score, Terms: &read}
			matches[m.Language] = append(matches[m.Language], m)
		}
		return nil
	})
	for _, list := range matches {
		slices.SortFunc(list, func(a, b document.Match) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Document, b.Document), cmp.Compare(a.Ordinal, b.Ordinal))
		})
	}
	return matches, err
}
