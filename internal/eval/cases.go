package eval

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/accord-search/accord/internal/language"
)

// cases is the content of a file of documents and queries. Unknown fields are
// ignored.
type cases struct {
	Documents []caseDocument `json:"documents"`
	Queries   []caseQuery    `json:"queries"`
}

type caseDocument struct {
	ID   string `json:"id"`
	Lang string `json:"lang"`
	Text string `json:"text"`
}

type caseQuery struct {
	ID       string   `json:"id"` // if empty, q1, q2, … by position
	Query    string   `json:"query"`
	Lang     string   `json:"lang"`
	Kind     string   `json:"kind"`
	Expected []string `json:"expected"` // ids of the documents that answer the query
}

// LoadCases reads a set from a JSON object with documents and queries. A query without
// expected documents has no answer. Errors name the file, and the line or the index in the
// list.
func LoadCases(file string) (*Set, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var c cases
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("%s%s: is not a JSON object of the expected form: %w", file, lineAt(data, err), err)
	}
	digest, err := c.digest()
	if err != nil {
		return nil, err
	}
	s := &Set{Judgements: map[string]Qrels{Pool: {}}, Digest: digest}
	if err := c.addTo(s, file); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if other := s.otherLanguage(); len(other) > 0 {
		s.Judgements[OtherLanguage] = other
	}
	return s, nil
}

// lineAt returns ":" and the line of data at which a JSON error occurred, or "" if the
// error has no position.
func lineAt(data []byte, err error) string {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
		offset int64
	)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	default:
		return ""
	}
	return fmt.Sprintf(":%d", 1+bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n")))
}

// digest returns a digest of the documents alone, so that the same documents are imported
// once, whichever queries go with them.
func (c cases) digest() (string, error) {
	documents, err := json.Marshal(c.Documents)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(documents)
	return hex.EncodeToString(sum[:]), nil
}

// addTo adds documents, queries and judgements to a set.
func (c cases) addTo(s *Set, file string) error {
	if len(c.Documents) == 0 || len(c.Queries) == 0 {
		return fmt.Errorf("has %d documents and %d queries; it needs both", len(c.Documents), len(c.Queries))
	}
	documents, queries := places{}, places{}
	for i, d := range c.Documents {
		place := fmt.Sprintf("documents[%d]", i)
		if err := documents.add(place, d.ID); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		if strings.TrimSpace(d.Text) == "" {
			return fmt.Errorf("%s: text of %q is missing", place, d.ID)
		}
		s.Passages = append(s.Passages, Passage{
			ID: d.ID, Text: d.Text, Language: cmp.Or(d.Lang, language.Detect(d.Text)), Place: file + ": " + place,
		})
	}
	for i, q := range c.Queries {
		place := fmt.Sprintf("queries[%d]", i)
		q.ID = cmp.Or(q.ID, fmt.Sprintf("q%d", i+1))
		if err := queries.add(place, q.ID); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		if strings.TrimSpace(q.Query) == "" {
			return fmt.Errorf("%s: query of %q is missing", place, q.ID)
		}
		for _, id := range q.Expected {
			if documents[id] == "" {
				return fmt.Errorf("%s: %q expects %q, but no document has that id", place, q.ID, id)
			}
			s.Judgements[Pool].add(q.ID, id, 1)
		}
		s.Queries = append(s.Queries, Query{ID: q.ID, Text: q.Query, Language: cmp.Or(q.Lang, language.Detect(q.Query)), Kind: q.Kind})
	}
	return nil
}
