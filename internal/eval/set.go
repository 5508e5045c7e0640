package eval

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/accord-search/accord/internal/language"
)

// Names of judgements in a Set.
const (
	Pool          = "pool"       // qrels.tsv: answers in every language
	OtherLanguage = "other-lang" // answers in another language than the question's
	// OtherAlone is OtherLanguage measured without the passages in the question's own
	// language, which may be right to rank higher.
	OtherAlone = "other-alone"
)

// Set is a judged set with its own passages.
type Set struct {
	Passages []Passage
	Queries  []Query
	// Judgements holds Pool, OtherLanguage if there are such answers, and the
	// judgements of other files: qrels.x.tsv as "x".
	Judgements map[string]Qrels
	// Digest is the hexadecimal SHA-256 of the passages as they were read.
	Digest string
}

// Passage is a passage to search.
type Passage struct {
	ID       string
	Title    string
	Text     string
	Language string // BCP-47; detected if the set has none
	Place    string // file and line, or file and index in the list
}

// Query is a query of a set.
type Query struct {
	ID       string
	Text     string
	Language string // as for a passage
	Kind     string // what the query tests; empty if the set has no kinds
}

// CorpusFile is the name of the file with a set's passages, one on each line.
const CorpusFile = "corpus.jsonl"

const (
	queriesFile = "queries.jsonl"
	qrelsFile   = "qrels.tsv"
)

// Load reads a set in BEIR's format from a folder: corpus.jsonl, queries.jsonl,
// qrels.tsv and any other qrels.*.tsv. Errors name the file and line.
func Load(dir string) (*Set, error) {
	s := &Set{Judgements: map[string]Qrels{}}
	data, err := os.ReadFile(filepath.Join(dir, CorpusFile))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	s.Digest = hex.EncodeToString(sum[:])
	err = parseRecords(filepath.Join(dir, CorpusFile), data, func(r record, place string) {
		s.Passages = append(s.Passages, Passage{ID: r.ID, Title: r.Title, Text: r.Text, Language: r.language(), Place: place})
	})
	if err != nil {
		return nil, err
	}
	if data, err = os.ReadFile(filepath.Join(dir, queriesFile)); err != nil {
		return nil, err
	}
	err = parseRecords(filepath.Join(dir, queriesFile), data, func(r record, _ string) {
		s.Queries = append(s.Queries, Query{ID: r.ID, Text: r.Text, Language: r.language()})
	})
	if err != nil {
		return nil, err
	}
	return s, s.loadJudgements(dir)
}

func (s *Set) loadJudgements(dir string) error {
	names, err := fs.Glob(os.DirFS(dir), "qrels*.tsv")
	if err != nil {
		return err
	}
	for _, base := range names {
		file := filepath.Join(dir, base)
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := Pool
		if base != qrelsFile {
			name = strings.Trim(strings.TrimSuffix(strings.TrimPrefix(base, "qrels"), ".tsv"), ".-_")
		}
		if s.Judgements[name], err = parseQrels(file, data); err != nil {
			return err
		}
	}
	if len(s.Judgements[Pool]) == 0 {
		return fmt.Errorf("%s: is missing or has no answers", filepath.Join(dir, qrelsFile))
	}
	if other := s.otherLanguage(); s.Judgements[OtherLanguage] == nil && len(other) > 0 {
		s.Judgements[OtherLanguage] = other
	}
	return nil
}

// record is a line of corpus.jsonl or queries.jsonl. Unknown fields are ignored.
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

// parseRecords calls add with every record and its place, the file and line.
func parseRecords(file string, data []byte, add func(r record, place string)) error {
	lineOf := map[string]int{}
	return eachRecord(file, data, func(r record, number int) error {
		switch first := lineOf[r.ID]; {
		case r.ID == "":
			return errors.New("_id is missing")
		case first > 0:
			return fmt.Errorf("_id %q is already used in line %d", r.ID, first)
		case strings.TrimSpace(r.Text) == "":
			return fmt.Errorf("text of %q is missing", r.ID)
		}
		lineOf[r.ID] = number
		add(r, fmt.Sprintf("%s:%d", file, number))
		return nil
	})
}
