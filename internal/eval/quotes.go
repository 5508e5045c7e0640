package eval

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"
)

// QuotedQuery is a query that is judged by quotes from its answers, so that the judgement
// does not depend on how documents are cut into passages. Some queries are only judged by
// whether they have an answer.
type QuotedQuery struct {
	Query
	Relevant   []Quote
	Answerable bool // whether there is an answer
	Unquoted   bool // whether the query is only judged by Answerable
}

// AnsweredBy reports whether a passage holds one of the query's quotes.
func (q QuotedQuery) AnsweredBy(passage Extract) bool {
	text := withoutSpace(passage.Text)
	return slices.ContainsFunc(q.Relevant, func(quote Quote) bool {
		return sameFile(quote.File, passage.File) && strings.Contains(text, withoutSpace(quote.Quote))
	})
}

// Quote is a piece of an answer.
type Quote struct {
	File  string `json:"file"`
	Quote string `json:"quote"`
	Grade int    `json:"grade"` // from 1
}

// Extract is the text of a found passage. File may be empty.
type Extract struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// LoadQuotes reads files with one query on each line. Ids must be unique over all
// files. Errors name the file and line.
func LoadQuotes(files ...string) ([]QuotedQuery, error) {
	var queries []QuotedQuery
	ids := places{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		err = eachRecord(file, data, func(r quotedRecord, number int) error {
			if err := ids.add(fmt.Sprintf("%s:%d", file, number), r.ID); err != nil {
				return err
			}
			queries = append(queries, r.query())
			return r.check()
		})
		if err != nil {
			return nil, err
		}
	}
	return queries, nil
}

type quotedRecord struct {
	ID         string  `json:"id"`
	Query      string  `json:"query"`
	Lang       string  `json:"lang"`
	Relevant   []Quote `json:"relevant"`
	Answerable *bool   `json:"answerable"` // nil if relevant decides
}

func (r quotedRecord) query() QuotedQuery {
	q := QuotedQuery{
		Query:    Query{ID: r.ID, Text: r.Query, Language: r.Lang},
		Relevant: r.Relevant, Answerable: len(r.Relevant) > 0,
	}
	if r.Answerable != nil && r.Relevant == nil {
		q.Answerable, q.Unquoted = *r.Answerable, true
	}
	return q
}

func (r quotedRecord) check() error {
	switch {
	case strings.TrimSpace(r.Query) == "":
		return fmt.Errorf("query of %q is missing", r.ID)
	case r.Answerable != nil && r.Relevant != nil && *r.Answerable != (len(r.Relevant) > 0):
		return fmt.Errorf("answerable of %q is %t, and relevant has %d quotes; remove one of the two", r.ID, *r.Answerable, len(r.Relevant))
	}
	for i, q := range r.Relevant {
		if withoutSpace(q.Quote) == "" || q.Grade < 1 {
			return fmt.Errorf("relevant[%d] of %q: needs a quote and a grade of at least 1", i, r.ID)
		}
	}
	return nil
}

// ScoreQuotes measures a run over every query with answers. The gain of a passage is the
// highest grade among those of its quotes that no higher-ranked passage contains. A query
// missing from the run counts as 0.
func ScoreQuotes(queries []QuotedQuery, run Run[Extract]) Summary {
	var all []Measures
	for _, query := range queries {
		if len(query.Relevant) == 0 {
			continue
		}
		var gains, grades []int
		left := slices.Clone(query.Relevant)
		for i := range left {
			left[i].Quote = withoutSpace(left[i].Quote)
			grades = append(grades, left[i].Grade)
		}
		for _, passage := range run[query.ID] {
			gain, text := 0, withoutSpace(passage.Text)
			left = slices.DeleteFunc(left, func(q Quote) bool {
				held := strings.Contains(text, q.Quote) && sameFile(q.File, passage.File)
				if held {
					gain = max(gain, q.Grade)
				}
				return held
			})
			gains = append(gains, gain)
		}
		all = append(all, measure(gains, grades))
	}
	return mean(all)
}

// sameFile reports whether one name is a suffix of the other, since they may be
// relative to different folders.
func sameFile(a, b string) bool { return strings.HasSuffix(a, b) || strings.HasSuffix(b, a) }

func withoutSpace(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}
