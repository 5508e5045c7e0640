package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/accord-search/accord/internal/backfill"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// BenchmarkSearch compares a search through the server, with an instant model server, with
// the same statements sent by pgx alone: exact, and with one HNSW index per language. The
// two alternate. ratio is the median time through the server divided by that of pgx.
func BenchmarkSearch(b *testing.B) {
	url := storetest.URL(b)
	model := serversForBench(b, &embedtest.Server{Model: "instant", Dimensions: benchDimensions})
	fillForBench(b, url, model)
	b.Run("exact", func(b *testing.B) { benchmarkSearch(b, url, model, false) })
	b.Run("hnsw", func(b *testing.B) { benchmarkSearch(b, url, model, true) })
}

func benchmarkSearch(b *testing.B, url string, model *modelservers.Servers, indexed bool) {
	minRows := int64(math.MaxInt64)
	if indexed {
		minRows = 1
	}
	var sent recorder
	db, err := store.Open(store.Config{URL: url, HNSWMinRows: minRows, Tracer: &sent, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	search := searchForBench(b, db, model)
	bare := connectBare(b, url)

	for deadline := time.Now().Add(5 * time.Minute); indexed; time.Sleep(100 * time.Millisecond) {
		sp, err := db.ActiveSpace(b.Context(), document.DefaultCollection)
		if err != nil {
			b.Fatal(err)
		}
		if len(sp.Calibration.Indexed) == len(benchWords) {
			break
		}
		if time.Now().After(deadline) {
			b.Fatal("no index was built")
		}
	}
	want := search(metadata.AppendToOutgoingContext(b.Context(), recordKey, "1"))
	var through, alone []time.Duration
	for b.Loop() {
		start := time.Now()
		search(b.Context())
		searched := time.Now()
		if got := sent.replay(b, bare); got != want {
			b.Fatalf("pgx alone: %d rows, the server: %d", got, want)
		}
		through = append(through, searched.Sub(start))
		alone = append(alone, time.Since(searched))
	}
	b.ReportMetric(0, "ns/op") // the sum of both sides has no meaning
	b.ReportMetric(milliseconds(through), "ms/search")
	b.ReportMetric(milliseconds(alone), "ms/pgx")
	b.ReportMetric(milliseconds(through)/milliseconds(alone), "ratio")
}

// milliseconds returns the median in milliseconds.
func milliseconds(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds() * 1000
}

// searchForBench returns a function that searches on a server.
func searchForBench(b *testing.B, db *store.Store, model *modelservers.Servers) func(context.Context) (results int) {
	b.Helper()
	client := serveForBench(b, db, model)
	return func(ctx context.Context) int {
		answer, err := client.Search(ctx, &accordv1.SearchRequest{Query: "what was agreed on digital economy"})
		if err != nil {
			b.Fatal(err)
		}
		return len(answer.GetResults())
	}
}

// serveForBench starts a server as accord serve does and returns a client of it.
func serveForBench(b *testing.B, db *store.Store, model *modelservers.Servers) accordv1.SearchServiceClient {
	b.Helper()
	cmd := serveCmd{
		GRPCAddr: "127.0.0.1:0", MaxTextBytes: 1 << 20, DefaultTimeout: time.Minute, StopTimeout: time.Second,
		QueryVectorTimeout: time.Minute, QueryVectorCache: 100,
	}
	ctx, stop := context.WithCancel(b.Context())
	log := slog.New(slog.DiscardHandler)
	p := &parts{db: db, servers: model}
	p.connect(log, nil, 0)
	b.Cleanup(p.close)
	srv, err := cmd.newServer(ctx, log, p)
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	conn, err := clientFlags{Addr: srv.Addr().String()}.dial()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		conn.Close()
		stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
	})
	return accordv1.NewSearchServiceClient(conn)
}

// serversForBench returns model servers with one handler.
func serversForBench(b *testing.B, handler http.Handler) *modelservers.Servers {
	b.Helper()
	return serversAt(b, embedtest.Serve(b, handler).URL)
}

// serversAt returns model servers with one URL.
func serversAt(b *testing.B, url string) *modelservers.Servers {
	b.Helper()
	servers, err := modelservers.Open([]modelservers.Server{{Name: "default", Config: embed.Config{URL: url}}}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(servers.Close)
	return servers
}

// registryForBench returns a registry of spaces without a builder.
func registryForBench(db *store.Store, servers *modelservers.Servers) *space.Registry {
	return space.NewRegistry(db, servers, backfill.New(db, servers, slog.New(slog.DiscardHandler)))
}

// The corpus has 20,000 passages of some 90 tokens in documents of two languages, with
// vectors of the default model's dimensions.
const (
	benchDocuments  = 800
	benchPassages   = 25 // passages of each document
	benchDimensions = 384
)

var benchWords = map[string]struct {
	words     []string
	separator string
	perText   int
}{
	"en": {strings.Fields("both sides agreed to deepen cooperation on trade green energy digital economy ports and rural schools this year"), " ", 75},
	"zh": {strings.Split("双方同意加强在贸易绿色能源数字经济港口和农村学校方面的合作", ""), "", 100},
}

// fillForBench writes the corpus into collections/default of a database.
func fillForBench(b *testing.B, url string, model *modelservers.Servers) {
	b.Helper()
	db, err := store.Open(store.Config{URL: url, HNSWMinRows: math.MaxInt64})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	sp, err := registryForBench(db, model).Active(b.Context(), document.DefaultCollection)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range benchDocuments {
		if _, _, err := db.ReplaceDocument(b.Context(), sp, benchDocument(r, i)); err != nil {
			b.Fatal(err)
		}
	}
	// Autovacuum would do this eventually.
	if _, err := connectBare(b, url).Exec(b.Context(), "VACUUM ANALYSE"); err != nil {
		b.Fatal(err)
	}
}

func benchDocument(r *rand.Rand, i int) document.Indexed {
	language := []string{"en", "zh"}[i%2]
	d := document.Document{
		Collection: document.DefaultCollection, ID: fmt.Sprintf("d%04d", i), Title: fmt.Sprintf("Statement %d on cooperation", i),
		LanguageCode: language, Source: "Wire", URI: fmt.Sprintf("https://example.com/%d", i),
		PublishTime: time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC), PublishPrecision: document.PrecisionDate,
		Metadata: map[string]string{"file": fmt.Sprintf("%04d.txt", i), "file_ordinal": "1"},
	}
	in := document.Indexed{ContentHash: d.ID}
	var texts []string
	for range benchPassages {
		kind := benchWords[language]
		words := make([]string, kind.perText)
		for w := range words {
			words[w] = kind.words[r.IntN(len(kind.words))]
		}
		texts = append(texts, strings.Join(words, kind.separator))
	}
	d.Text = strings.Join(texts, "\n\n")
	d.Digest, d.ETag = document.TextDigest(d.Text), d.ID
	counter, at := document.NewRangeCounter(d.Text), 0
	for ordinal, text := range texts {
		in.Passages = append(in.Passages, document.Passage{
			Ordinal: ordinal, Kind: document.KindParagraph, LanguageCode: language, Text: text, Range: counter.Range(at, at+len(text)),
		})
		in.Windows = append(in.Windows, []document.Window{
			{Embedding: document.Embedding{Vector: randomUnit(r)}},
			{Role: document.RoleSentences, Embedding: document.Embedding{Vector: randomUnit(r)}},
			{Role: document.RoleSentences, Embedding: document.Embedding{Vector: randomUnit(r)}},
		})
		at += len(text) + len("\n\n")
	}
	in.Document = d
	return in
}

func randomUnit(r *rand.Rand) []float32 {
	v := make([]float32, benchDimensions)
	var square float64
	for i := range v {
		v[i] = float32(r.NormFloat64())
		square += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(square))
	}
	return v
}
