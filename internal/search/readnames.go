package search

import (
	"context"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// maxNamedDocuments is the maximum number of documents that are read to find names that their
// found passages lack, and of passages that are read to find misspelt words.
const maxNamedDocuments = 5

// readTexts reads the documents of the first passages that lack a name, and records the names
// in the titles and other passages of these documents. If no passage has one of the words of a
// short query, it also reads the first passages. It records which of them have a word that is
// spelt almost like the missing one. list is sorted, best first, and words is what c was made of.
func (s *Searcher) readTexts(ctx context.Context, sp space.Space, list []ranked, words lexicalLeg, c *coverage) error {
	var documents []string
	var ids []int32
	for _, r := range list {
		held, comparable := c.names.held(r.Language, c.terms[r.PassageKey].IDs)
		lacks := comparable&^(held|c.names.inDocument[r.Document]) != 0
		if lacks && !slices.Contains(documents, r.Document) && len(documents) < maxNamedDocuments {
			documents = append(documents, r.Document)
			for _, name := range c.names.named[r.Language] {
				for _, w := range slices.Concat(name...) {
					ids = append(append(ids, w.id), w.wider...)
				}
			}
		}
	}
	if len(documents) > 0 {
		if err := s.readNamesIn(ctx, sp, documents, ids, &c.names); err != nil {
			return err
		}
	}
	if c.names.absent == 0 && (len(c.names.restAbsent) == 0 || c.shortness <= namelessShortness) && len(c.spellings.unknown) == 0 {
		return nil
	}
	if err := s.readSpellings(ctx, sp, list, c); err != nil {
		return err
	}
	if asked, ok := c.asked[words.language]; ok && len(c.spellings.known) > 0 {
		asked.wordsAbsent = words.wordsAbsent(words.language, c.spellings.known)
		c.asked[words.language] = asked
	}
	return nil
}

// readNamesIn records the names in the titles and passages of documents. ids are the terms of
// the names.
func (s *Searcher) readNamesIn(ctx context.Context, sp space.Space, documents []string, ids []int32, n *names) error {
	slices.Sort(ids)
	found, err := s.cfg.Terms.DocumentTerms(ctx, sp, documents, slices.Compact(ids))
	for id, d := range found {
		held, _ := n.held(d.Language, d.IDs)
		titled, _ := n.held(d.Language, lexical.IDs(lexical.Terms(d.Title, d.Language)))
		n.inDocument[id] |= held | titled
	}
	return err
}

// readSpellings reads the first passages in the query's language. If they have a word that is
// spelt almost like a name or other word that no passage contains, it records that the document
// holds the name, or that the other word is misspelt.
func (s *Searcher) readSpellings(ctx context.Context, sp space.Space, list []ranked, c *coverage) error {
	n := &c.names
	var keys []document.PassageKey
	for _, r := range list {
		if r.Language == n.language && len(keys) < maxNamedDocuments {
			keys = append(keys, r.PassageKey)
		}
	}
	texts, err := s.cfg.Passages.Texts(ctx, sp, keys)
	for key, p := range texts {
		for i, word := range n.spelt {
			if n.absent&(1<<i) != 0 && lexical.HasLike(p.Text, word) {
				n.inDocument[key.Document] |= 1 << i
			}
		}
		c.spellings.read(key, p.Text)
		n.restAbsent = slices.DeleteFunc(n.restAbsent, func(word string) bool { return lexical.HasLike(p.Text, word) })
	}
	return err
}
