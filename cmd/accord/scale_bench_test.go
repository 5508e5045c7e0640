package main

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// scaleCorpus has 100,000 passages in two languages, with vectors of the default model's
// dimensions.
func scaleCorpus() *storetest.Corpus {
	return &storetest.Corpus{
		Collection: document.DefaultCollection, Documents: 1_000, Passages: 100, Dimensions: benchDimensions,
		Languages: []storetest.Share[string]{{Value: "en", Of: .9}, {Value: "zh", Of: 1}},
		Sources:   []storetest.Share[string]{{Value: "Wire", Of: 1}},
	}
}

// scaleSearches are the searches that BenchmarkScale compares.
var scaleSearches = []struct {
	name    string
	request func(c *storetest.Corpus) *accordv1.SearchRequest
}{
	{"semantic-en", func(*storetest.Corpus) *accordv1.SearchRequest {
		return &accordv1.SearchRequest{Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC, Filter: &accordv1.Filter{Languages: []string{"en"}}}
	}},
	{"semantic", func(*storetest.Corpus) *accordv1.SearchRequest {
		return &accordv1.SearchRequest{Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC}
	}},
	{"hybrid", func(*storetest.Corpus) *accordv1.SearchRequest { return &accordv1.SearchRequest{} }},
	{"hybrid-zh", func(*storetest.Corpus) *accordv1.SearchRequest {
		return &accordv1.SearchRequest{Filter: &accordv1.Filter{Languages: []string{"zh"}}}
	}},
	{"hybrid-dates", func(c *storetest.Corpus) *accordv1.SearchRequest { // 1 % of the passages match
		return &accordv1.SearchRequest{Filter: &accordv1.Filter{
			PublishedAfter:  timestamppb.New(c.Start().AddDate(0, 0, c.Documents/2)),
			PublishedBefore: timestamppb.New(c.Start().AddDate(0, 0, c.Documents/2+c.Documents/100)),
		}}
	}},
	{"semantic-zh", func(*storetest.Corpus) *accordv1.SearchRequest {
		return &accordv1.SearchRequest{Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC, Filter: &accordv1.Filter{Languages: []string{"zh"}}}
	}},
	{"semantic-dates", func(c *storetest.Corpus) *accordv1.SearchRequest { // 1 % of the passages match
		return &accordv1.SearchRequest{Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC, Filter: &accordv1.Filter{
			PublishedAfter:  timestamppb.New(c.Start().AddDate(0, 0, c.Documents/2)),
			PublishedBefore: timestamppb.New(c.Start().AddDate(0, 0, c.Documents/2+c.Documents/100)),
		}}
	}},
}

// BenchmarkScale searches 100,000 passages through the server, with several questions whose
// vectors are cached, and reports medians. pgx alone sends the statements of the
// one-language search for comparison. Filling the database takes minutes; it is kept for
// later runs.
func BenchmarkScale(b *testing.B) {
	c := scaleCorpus()
	questions, vectors := make([]string, 20), map[string][]float32{}
	for n := range questions {
		text, vector := c.Question(n)
		questions[n], vectors[text] = text, vector
	}
	server := &embedtest.Server{Model: "instant", Dimensions: benchDimensions, Vectors: vectors}
	model := serversForBench(b, server)
	url := storetest.Kept(b, "accord_bench_scale", func(url string) { fillScale(b, url, model, c) })
	var sent recorder
	db, err := store.Open(store.Config{URL: url, Tracer: &sent, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	waitForIndexes(b, db, "en", "zh")
	client, bare := serveForBench(b, db, model), connectBare(b, url)
	ask := func(ctx context.Context, search, question int) []*accordv1.SearchResult {
		req := scaleSearches[search].request(c)
		req.Query, req.QueryLanguageCode = questions[question], "en"
		answer, err := client.Search(ctx, req)
		if err != nil {
			b.Fatal(err)
		}
		return answer.GetResults()
	}
	recorded := make([]recorder, len(questions))
	for n := range questions {
		sent.steps = nil
		ask(metadata.AppendToOutgoingContext(b.Context(), recordKey, "1"), 0, n)
		recorded[n].steps = sent.steps
	}
	took, n := make([][]time.Duration, len(scaleSearches)), 0
	var alone []time.Duration
	for b.Loop() {
		question := n % len(questions)
		n++
		recorded[question].replay(b, bare) // warms the database pages before the measurement
		for search := range scaleSearches {
			start := time.Now()
			ask(b.Context(), search, question)
			took[search] = append(took[search], time.Since(start))
		}
		start := time.Now()
		recorded[question].replay(b, bare)
		alone = append(alone, time.Since(start))
	}
	medians := map[string]float64{"pgx-en": milliseconds(alone)}
	for i, search := range scaleSearches {
		medians[search.name] = milliseconds(took[i])
	}
	b.ReportMetric(0, "ns/op") // the sum of all searches has no meaning
	for name, ms := range medians {
		b.ReportMetric(ms, "ms/"+name)
	}
	b.ReportMetric(medians["semantic-en"]/medians["pgx-en"], "ratio/pgx-en")
	b.ReportMetric(medians["hybrid-zh"]/medians["hybrid"], "ratio/zh")
	b.ReportMetric(medians["hybrid-dates"]/medians["hybrid"], "ratio/dates")
}

// fillScale writes a corpus and calibrates its space.
func fillScale(b *testing.B, url string, model *modelservers.Servers, c *storetest.Corpus) {
	b.Helper()
	db, err := store.Open(store.Config{URL: url, HNSWMinRows: math.MaxInt64, Timeout: 10 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	sp, err := registryForBench(db, model).Active(b.Context(), c.Collection)
	if err != nil {
		b.Fatal(err)
	}
	for n := range c.Documents {
		if _, _, err := db.ReplaceDocument(b.Context(), sp, c.Document(n)); err != nil {
			b.Fatal(err)
		}
	}
	if sp, err = db.ActiveSpace(b.Context(), c.Collection); err != nil {
		b.Fatal(err)
	}
	if err := db.KeepTerms(b.Context(), sp); err != nil {
		b.Fatal(err)
	}
	for _, language := range c.Languages { // otherwise the calibration would be incomplete
		var queries []document.ReferenceQuery
		for n := range 60 {
			_, vector := c.Question(n)
			queries = append(queries, document.ReferenceQuery{Form: document.QueryForm(n % 2), Number: n / 2, Vector: vector})
		}
		if err := db.AddReferenceQueries(b.Context(), sp, language.Value, queries); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := db.Recalibrate(b.Context(), sp); err != nil {
		b.Fatal(err)
	}
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	// Autovacuum would do this eventually.
	if _, err := conn.Exec(b.Context(), "VACUUM ANALYSE"); err != nil {
		b.Fatal(err)
	}
}

// waitForIndexes waits until the languages have their indexes, and returns the active
// space.
func waitForIndexes(b *testing.B, db *store.Store, languages ...string) space.Space {
	b.Helper()
	for deadline := time.Now().Add(20 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		sp, err := db.ActiveSpace(b.Context(), document.DefaultCollection)
		if err != nil {
			b.Fatal(err)
		}
		if slices.Equal(sp.Calibration.Indexed, languages) {
			return sp
		}
		if time.Now().After(deadline) {
			b.Fatalf("indexes for %v, want for %v", sp.Calibration.Indexed, languages)
		}
	}
}
