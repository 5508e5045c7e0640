package eval

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/language"
)

// Pool and OtherLanguage name judgements of a Set.
const (
	Pool          = "pool"       // qrels.tsv: answers in every language
	OtherLanguage = "other-lang" // answers in another language than the question's
)

// Set is a judged set in BEIR's form.
type Set struct {
	Passages []Passage
	Queries  []Query
	// Judgements holds Pool, OtherLanguage where passages are in several
	// languages, and what other files hold: qrels.x.tsv as "x".
	Judgements map[string]Qrels
	// Digest is the SHA-256 of corpus.jsonl, in hexadecimal.
	Digest string
}

// Passage is one that is searched.
type Passage struct {
	ID       string
	Title    string
	Text     string
	Language string // BCP-47, detected where the set does not say
	Line     int    // of corpus.jsonl, from 1
}

// Query is one that is asked.
type Query struct {
	ID       string
	Text     string
	Language string // as a passage's
}

// Direction is what queries of one language find among passages of one, both
// primary subtags.
type Direction struct{ From, To string }

// String returns such as "en-zh".
func (d Direction) String() string { return d.From + "-" + d.To }

// The files of a set.
const (
	corpusFile  = "corpus.jsonl"
	queriesFile = "queries.jsonl"
	qrelsFile   = "qrels.tsv"
)

// Load reads corpus.jsonl, queries.jsonl, qrels.tsv and each other qrels.*.tsv
// of a folder. Its errors name file and line.
func Load(dir string) (*Set, error) {
	s := &Set{Judgements: map[string]Qrels{}}
	data, err := os.ReadFile(filepath.Join(dir, corpusFile))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	s.Digest = hex.EncodeToString(sum[:])
	err = parseRecords(filepath.Join(dir, corpusFile), data, func(r record, number int) {
		s.Passages = append(s.Passages, Passage{ID: r.ID, Title: r.Title, Text: r.Text, Language: r.language(), Line: number})
	})
	if err != nil {
		return nil, err
	}
	if data, err = os.ReadFile(filepath.Join(dir, queriesFile)); err != nil {
		return nil, err
	}
	err = parseRecords(filepath.Join(dir, queriesFile), data, func(r record, _ int) {
		s.Queries = append(s.Queries, Query{ID: r.ID, Text: r.Text, Language: r.language()})
	})
	if err != nil {
		return nil, err
	}
	return s, s.loadJudgements(dir)
}

func (s *Set) loadJudgements(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "qrels*.tsv"))
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := Pool
		if base := filepath.Base(file); base != qrelsFile {
			name = strings.Trim(strings.TrimSuffix(strings.TrimPrefix(base, "qrels"), ".tsv"), ".-_")
		}
		if s.Judgements[name], err = parseQrels(file, data); err != nil {
			return err
		}
	}
	pool := s.Judgements[Pool]
	if len(pool) == 0 {
		return fmt.Errorf("%s: has no judgements", filepath.Join(dir, qrelsFile))
	}
	if s.Judgements[OtherLanguage] == nil && len(s.passageLanguages()) > 1 {
		s.Judgements[OtherLanguage] = s.judged(pool, func(d Direction) bool { return d.From != d.To })
	}
	return nil
}

// record is a line of corpus.jsonl or queries.jsonl; further fields are read past.
type record struct {
	ID       string `json:"_id"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	Lang     string `json:"lang"`
	Language string `json:"language"`
}

func (r record) language() string {
	if given := cmp.Or(r.Lang, r.Language); given != "" {
		return given
	}
	return language.Detect(r.Text)
}

func parseRecords(file string, data []byte, add func(r record, number int)) error {
	lineOf := map[string]int{}
	return eachRecord(file, data, func(r record, number int) error {
		switch first := lineOf[r.ID]; {
		case r.ID == "":
			return errors.New("_id is missing")
		case first > 0:
			return fmt.Errorf("_id %q is that of line %d already", r.ID, first)
		case strings.TrimSpace(r.Text) == "":
			return fmt.Errorf("text of %q is missing", r.ID)
		}
		lineOf[r.ID] = number
		add(r, number)
		return nil
	})
}

// primary returns the primary subtag of a BCP-47 tag.
func primary(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return base
}

// passageLanguages returns the primary language of each passage by id.
func (s *Set) passageLanguages() map[string]string {
	out := make(map[string]string, len(s.Passages))
	for _, p := range s.Passages {
		out[p.ID] = primary(p.Language)
	}
	return out
}

func (s *Set) queryLanguages() map[string]string {
	out := make(map[string]string, len(s.Queries))
	for _, q := range s.Queries {
		out[q.ID] = primary(q.Language)
	}
	return out
}

// judged returns the judgements of the directions that keep holds for. What is
// judged and missing from the set has no direction.
func (s *Set) judged(q Qrels, keep func(Direction) bool) Qrels {
	queries, passages := s.queryLanguages(), s.passageLanguages()
	return q.Only(func(query, passage string) bool {
		d := Direction{queries[query], passages[passage]}
		return d.From != "" && d.To != "" && keep(d)
	})
}

// Directions returns the judgements of each direction that has answers; empty
// where all passages are in one language, and Pool says it all.
func (s *Set) Directions() map[Direction]Qrels {
	found := map[Direction]Qrels{}
	s.judged(s.Judgements[Pool], func(d Direction) bool {
		found[d] = nil
		return false
	})
	for d := range found {
		found[d] = s.judged(s.Judgements[Pool], func(other Direction) bool { return other == d })
	}
	return found
}

// OwnLanguage returns, by query language, the share of the first ten passages
// of judged queries that are in the query's language.
func (s *Set) OwnLanguage(run Run[string]) map[string]float64 {
	passages := s.passageLanguages()
	own, all := map[string]int{}, map[string]int{}
	for _, q := range s.Queries {
		if s.Judgements[Pool][q.ID] == nil {
			continue
		}
		from := primary(q.Language)
		for _, passage := range run[q.ID][:min(10, len(run[q.ID]))] {
			all[from]++
			if passages[passage] == from {
				own[from]++
			}
		}
	}
	shares := map[string]float64{}
	for from, n := range all {
		shares[from] = float64(own[from]) / float64(n)
	}
	return shares
}

// Unjudged returns the queries that have no answer, in order.
func (s *Set) Unjudged() []Query {
	return slices.DeleteFunc(slices.Clone(s.Queries), func(q Query) bool { return s.Judgements[Pool][q.ID] != nil })
}
