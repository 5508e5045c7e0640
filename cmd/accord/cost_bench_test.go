package main

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// BenchmarkCost reports the cost of searches over ACCORD_BENCH_ROWS passages (default
// 20,000) with 1, 4 and 16 clients: in the modes SEMANTIC and HYBRID, without a filter,
// with a language filter (10 % match) and with a date filter (1 % match). It reports
// queries per second, latency, CPU time of a server in its own process and of the
// Postgres backends, and recall, which is the share of the first ten results of an exact
// search that the search finds. For comparison, pgx alone searches the nearest ten of the
// same rows with the same indexes. At the end it prints a table in Markdown, and the cost
// of adding a passage. It needs Linux, since it reads /proc, and Postgres on the same
// machine.
func BenchmarkCost(b *testing.B) {
	rows := 20_000
	if set, err := strconv.Atoi(os.Getenv("ACCORD_BENCH_ROWS")); err == nil {
		rows = set
	}
	c := scaleCorpus()
	c.Passages = 20
	c.Documents = rows / c.Passages
	questions, vectors := make([]string, 50), map[string][]float32{}
	for n := range questions {
		text, vector := c.Question(n)
		questions[n], vectors[text] = text, vector
	}
	modelURL := embedtest.Serve(b, &embedtest.Server{Model: "instant", Dimensions: benchDimensions, Vectors: vectors}).URL
	model := serversAt(b, modelURL)
	url := storetest.Kept(b, fmt.Sprintf("accord_bench_cost_%d", rows), func(url string) { fillScale(b, url, model, c) })
	db, err := store.Open(store.Config{URL: url, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	sp := waitForIndexes(b, db, "en", "zh")
	bare := connectBare(b, url)
	table := costTable{rows: rows}
	for _, side := range []costSide{accordSide(b, c, url, modelURL, questions), pgxSide(b, c, url, sp, questions, vectors)} {
		for _, search := range side.searches {
			for _, clients := range []int{1, 4, 16} {
				b.Run(fmt.Sprintf("%s/clients=%d", search.name, clients), func(b *testing.B) {
					table.add(search, clients, side.measure(b, bare, search, clients, len(questions)))
				})
			}
		}
	}
	table.print()
	b.Run("write", func(b *testing.B) { benchmarkWrite(b, db, sp, c, bare) })
}

// benchmarkWrite measures the cost of adding documents to a corpus whose languages have
// indexes. It deletes the added documents at the end.
func benchmarkWrite(b *testing.B, db *store.Store, sp space.Space, c *storetest.Corpus, bare *pgx.Conn) {
	own, backends, n := processTime(), backendTime(b, bare), 0
	for b.Loop() {
		in := c.Document(c.Documents + n)
		if _, _, err := db.ReplaceDocument(b.Context(), sp, in); err != nil {
			b.Fatal(err)
		}
		n++
	}
	passages := float64(n * c.Passages)
	b.ReportMetric((processTime()-own).Seconds()*1000/passages, "cpu-ms/passage/server")
	b.ReportMetric((backendTime(b, bare)-backends).Seconds()*1000/passages, "cpu-ms/passage/postgres")
	for i := range n {
		if err := db.DeleteDocument(b.Context(), c.Collection, c.Document(c.Documents+i).Document.ID, ""); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.KeepTerms(b.Context(), sp); err != nil { // otherwise later runs on the same database would pay for these changes
		b.Fatal(err)
	}
}
