package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// filterCorpus returns a corpus of more than 20,000 passages, so that even half of them are
// more than maxPostings of package store.
func filterCorpus() *storetest.Corpus {
	return &storetest.Corpus{
		Collection: "c", Documents: 1020, Passages: 20, Dimensions: 32,
		Languages: []storetest.Share[string]{{Value: "de", Of: .5}, {Value: "es", Of: .1}, {Value: "fr", Of: .01}, {Value: "pt", Of: .001}, {Value: "en", Of: 1}},
		Sources:   []storetest.Share[string]{{Value: "half", Of: .5}, {Value: "tenth", Of: .1}, {Value: "hundredth", Of: .01}, {Value: "thousandth", Of: .001}, {Value: "rest", Of: 1}},
		Metadata: []storetest.Share[map[string]string]{
			{Value: map[string]string{"part": "half", "x": "y"}, Of: .5},
			{Value: map[string]string{"part": "tenth"}, Of: .1},
			{Value: map[string]string{"part": "hundredth"}, Of: .01},
			{Value: map[string]string{"part": "thousandth"}, Of: .001},
		},
		Kinds: []storetest.Share[document.Kind]{
			{Value: document.KindArticle, Of: .5},
			{Value: document.KindHeading, Of: .1},
			{Value: document.KindCaption, Of: .01},
			{Value: document.KindParagraph, Of: 1},
		},
	}
}

// shareFilter is a filter that matches about the given share of a corpus.
type shareFilter struct {
	name   string
	filter document.Filter
	keep   func(document.Document, document.Passage) bool
}

// filtersOf returns filters of every kind for each share: a half, a tenth, a hundredth
// and a thousandth.
func filtersOf(c *storetest.Corpus) (list []shareFilter) {
	day := func(share float64) *time.Time {
		t := c.Start().AddDate(0, 0, int(share*float64(c.Documents)+.5))
		return &t
	}
	for i, share := range []float64{.5, .1, .01, .001} {
		name := []string{"half", "tenth", "hundredth", "thousandth"}[i]
		language := []string{"de", "es", "fr", "pt"}[i]
		after, before := day(1-share), day(share)
		var ids []string
		for n := range c.Documents {
			if float64(n) < share*float64(c.Documents) {
				ids = append(ids, fmt.Sprintf("d%06d", n))
			}
		}
		list = append(list,
			shareFilter{"languages " + name, document.Filter{Languages: []string{language}}, func(d document.Document, _ document.Passage) bool { return d.LanguageCode == language }},
			shareFilter{"sources " + name, document.Filter{Sources: []string{name}}, func(d document.Document, _ document.Passage) bool { return d.Source == name }},
			shareFilter{"documents " + name, document.Filter{Documents: ids}, func(d document.Document, _ document.Passage) bool { return d.ID <= ids[len(ids)-1] }},
			shareFilter{"published_after " + name, document.Filter{PublishedAfter: after}, func(d document.Document, _ document.Passage) bool { return !d.PublishTime.Before(*after) }},
			shareFilter{"published_before " + name, document.Filter{PublishedBefore: before}, func(d document.Document, _ document.Passage) bool { return d.PublishTime.Before(*before) }},
			shareFilter{"metadata " + name, document.Filter{Metadata: map[string]string{"part": name}}, func(d document.Document, _ document.Passage) bool { return d.Metadata["part"] == name }},
		)
		if i < 3 {
			list = append(list, ofKind(name, []document.Kind{document.KindArticle, document.KindHeading, document.KindCaption}[i]))
		}
		list = append(list, conditionsOf(name, share*float64(c.Documents), *after)...)
	}
	return list
}

func ofKind(name string, kind document.Kind) shareFilter {
	return shareFilter{"kinds " + name, document.Filter{Kinds: []document.Kind{kind}}, func(_ document.Document, p document.Passage) bool { return p.Kind == kind }}
}

// reduceCaptions turns nine of ten captions into paragraphs, so that one kind has only a
// thousandth of the passages. It returns a filter for that kind.
func reduceCaptions(t *testing.T, url string, sp space.Space, all []document.Indexed) shareFilter {
	t.Helper()
	const kept = 2 // of 20 ordinals
	for _, in := range all {
		for i, p := range in.Passages {
			if p.Kind == document.KindCaption && p.Ordinal >= kept {
				in.Passages[i].Kind = document.KindParagraph
			}
		}
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, table := range []string{sp.Calibration.CentredTable, sp.Terms.Table} {
		if _, err := conn.Exec(t.Context(), "UPDATE "+table+" SET kind = $1 WHERE kind = $2 AND ordinal >= $3",
			int16(document.KindParagraph), int16(document.KindCaption), kept); err != nil {
			t.Fatal(err)
		}
	}
	return ofKind("thousandth", document.KindCaption)
}

// fillCorpus writes a corpus and returns it.
func fillCorpus(t *testing.T, s *store.Store, c *storetest.Corpus) []document.Indexed {
	t.Helper()
	first := space.Space{ID: "test-1", Model: "test", Dimensions: c.Dimensions, Profile: document.ModelProfile{Model: "test"}}
	if err := s.CreateCollection(t.Context(), c.Collection, first); err != nil {
		t.Fatal(err)
	}
	sp := active(t, s)
	all := make([]document.Indexed, c.Documents)
	var group errgroup.Group
	group.SetLimit(3)
	for n := range all {
		all[n] = withTypedMetadata(c.Document(n), n)
		group.Go(func() error {
			_, _, err := s.ReplaceDocument(t.Context(), sp, all[n])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepTerms(t.Context(), active(t, s)); err != nil {
		t.Fatal(err)
	}
	return all
}
