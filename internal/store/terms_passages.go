package store

import (
	"context"
	"fmt"

	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// PassageTerms returns the terms of the given passages, each with its BM25 score for the
// query in its language, computed exactly as in Matches. Deleted passages are left out.
func (s *Store) PassageTerms(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey) (map[document.PassageKey]document.PassageTerms, error) {
	found := make(map[document.PassageKey]document.PassageTerms, len(keys))
	if len(keys) == 0 {
		return found, nil
	}
	a := termsStatement(sp, queries, keys, found)
	return found, s.readRows(ctx, keyLookup, a.query, a.read)
}

// TermsAndSimilarities returns the PassageTerms of keys and the Similarities of far.
func (s *Store) TermsAndSimilarities(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey, vector []float32, far []document.PassageKey) (terms map[document.PassageKey]document.PassageTerms, list []document.Candidate, err error) {
	terms = make(map[document.PassageKey]document.PassageTerms, len(keys))
	statements := []statement{termsStatement(sp, queries, keys, terms)}
	if len(far) > 0 {
		statements = append(statements, similaritiesStatement(sp, vector, far, &list))
	}
	err = s.read(ctx, func(ctx context.Context) error { return s.send(ctx, keyLookup, statements...) })
	return terms, list, err
}

// termsStatement returns the statement that reads terms into found.
func termsStatement(sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey, found map[document.PassageKey]document.PassageTerms) statement {
	scorers := scorersOf(queries)
	var (
		q       query
		key     document.PassageKey
		terms   document.PassageTerms
		weights pgvector.SparseVector
	)
	q.text = fmt.Sprintf("SELECT document_id, ordinal, language, length, weights FROM %s k(document_id, ordinal) JOIN %s USING (document_id, ordinal)",
		unnestKeys(&q, keys), quoteTable(sp.Terms.Table))
	return scanEach(q, []any{&key.Document, &key.Ordinal, &terms.Language, &terms.Length, &weights}, func() {
		terms.IDs, terms.Weights = termsIn(weights)
		terms.Score = scorers[terms.Language].Score(terms.IDs, terms.Weights)
		found[key] = terms
	})
}

// scorersOf returns the BM25 scorers by language.
func scorersOf(queries map[string]lexical.Query) map[string]lexical.Scorer {
	scorers := make(map[string]lexical.Scorer, len(queries))
	for language, query := range queries {
		scorers[language] = query.Scorer()
	}
	return scorers
}

// termsIn returns the terms of a sparse vector and their weights. pgvector counts
// dimensions from 1, pgvector-go from 0.
func termsIn(value pgvector.SparseVector) (ids []int32, weights []float32) {
	ids, weights = value.Indices(), value.Values()
	for i := range ids {
		ids[i]++
	}
	return ids, weights
}

// DocumentTerms returns the title of each document, and those of the terms that some passage
// of it contains. Deleted documents are left out.
func (s *Store) DocumentTerms(ctx context.Context, sp space.Space, documents []string, terms []int32) (map[string]document.DocumentTerms, error) {
	found := make(map[string]document.DocumentTerms, len(documents))
	var (
		q  query
		id string
		d  document.DocumentTerms
	)
	q.text = fmt.Sprintf(`SELECT document_id, title, language_code, ARRAY(SELECT term FROM unnest(%s::integer[]) term
			WHERE EXISTS (SELECT FROM %s v WHERE v.document_id = d.document_id AND v.terms @> ARRAY[term]) ORDER BY term)
		FROM documents d WHERE collection_id = %s AND document_id = ANY(%s)`,
		q.arg(terms), quoteTable(sp.Terms.Table), q.arg(sp.Collection), q.arg(documents))
	err := s.forEach(ctx, keyLookup, q, []any{&id, &d.Title, &d.Language, &d.IDs}, func() {
		d.Language = document.PrimarySubtag(d.Language)
		found[id] = d
		d.IDs = nil
	})
	return found, err
}

// Texts returns the given passages with only their text, language and ordinal. Deleted
// passages are left out.
func (s *Store) Texts(ctx context.Context, sp space.Space, keys []document.PassageKey) (map[document.PassageKey]document.Passage, error) {
	found := make(map[document.PassageKey]document.Passage, len(keys))
	if len(keys) == 0 {
		return found, nil
	}
	var (
		q  query
		id string
		p  document.Passage
	)
	q.text = fmt.Sprintf(`SELECT p.document_id, p.ordinal, p.language_code, p.text FROM %s k(document_id, ordinal)
		JOIN passages p ON p.collection_id = %s AND p.document_id = k.document_id AND p.ordinal = k.ordinal`,
		unnestKeys(&q, keys), q.arg(sp.Collection))
	err := s.forEach(ctx, keyLookup, q, []any{&id, &p.Ordinal, &p.LanguageCode, &p.Text}, func() {
		found[document.PassageKey{Document: id, Ordinal: p.Ordinal}] = p
	})
	return found, err
}
