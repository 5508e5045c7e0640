package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// BenchmarkCost tells what a search by vectors costs: CPU of this process, which is
// the server and its client, and of the backends of Postgres, a query, over
// ACCORD_BENCH_ROWS passages (20,000 unless set), and the recall of the first ten; and
// what it costs to add a passage.
// It reads /proc, so that it needs Linux and a Postgres on the same machine.
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
	model := serversForBench(b, &embedtest.Server{Model: "instant", Dimensions: benchDimensions, Vectors: vectors})
	url := storetest.Kept(b, fmt.Sprintf("accord_bench_cost_%d", rows), func(url string) { fillScale(b, url, model, c) })
	db, err := store.Open(store.Config{URL: url, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	sp := waitForIndexes(b, db, "en", "zh")
	client, bare := serveForBench(b, db, model), connectBare(b, url)
	for _, search := range []int{1, 5, 6} {
		ask := func(n int) []*accordv1.SearchResult {
			req := scaleSearches[search].request(c)
			req.Query, req.QueryLanguageCode = questions[n%len(questions)], "en"
			answer, err := client.Search(b.Context(), req)
			if err != nil {
				b.Fatal(err)
			}
			return answer.GetResults()
		}
		b.Run(scaleSearches[search].name, func(b *testing.B) {
			for n := range questions {
				ask(n)
			}
			own, backends, n := processTime(), backendTime(b, bare), 0
			for b.Loop() {
				ask(n)
				n++
			}
			b.ReportMetric((processTime()-own).Seconds()*1000/float64(n), "cpu-ms/server")
			b.ReportMetric((backendTime(b, bare)-backends).Seconds()*1000/float64(n), "cpu-ms/postgres")
			if search == 1 {
				b.ReportMetric(nearestRecall(b, db, sp, vectors, questions), "recall@10")
			}
		})
	}
	b.Run("write", func(b *testing.B) { benchmarkWrite(b, db, sp, c, bare) })
}

// benchmarkWrite adds documents to a corpus whose languages have indexes, and takes
// them away.
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
		if err := db.DeleteDocument(b.Context(), c.Collection, c.Document(c.Documents+i).Document.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// nearestRecall returns the share of the ten nearest passages, by exact search, that
// are among the ten nearest by indexes.
func nearestRecall(b *testing.B, db *store.Store, sp space.Space, vectors map[string][]float32, questions []string) float64 {
	b.Helper()
	calibration, err := db.Calibration(b.Context(), sp)
	if err != nil {
		b.Fatal(err)
	}
	exact := sp
	exact.Calibration.Indexed = nil
	found := 0
	for _, text := range questions {
		query := calibration.Query(vectors[text], "en", 1)
		scales := calibration.Scales(query)
		first := func(sp space.Space) []document.Candidate {
			list, _, err := db.Nearest(b.Context(), sp, query, scales, document.Filter{}, 100)
			if err != nil {
				b.Fatal(err)
			}
			score := func(c document.Candidate) float64 { return scales.Of(c.Language).Score(c.Passage, c.Window) }
			slices.SortFunc(list, func(a, b document.Candidate) int { return cmp.Compare(score(b), score(a)) })
			return list[:10]
		}
		want := first(exact)
		for _, c := range first(sp) {
			if slices.Contains(want, c) {
				found++
			}
		}
	}
	return float64(found) / float64(10*len(questions))
}

// processTime is the CPU time of this process.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// backendTime is the CPU time of all backends that serve a database.
func backendTime(b *testing.B, conn *pgx.Conn) (sum time.Duration) {
	b.Helper()
	rows, err := conn.Query(context.Background(), "SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
	if err != nil {
		b.Fatal(err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		b.Fatal(err)
	}
	const tick = 10 * time.Millisecond // of Linux, for user space
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			b.Fatal(err)
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		for _, field := range fields[11:13] { // utime and stime
			n, err := strconv.Atoi(field)
			if err != nil {
				b.Fatal(err)
			}
			sum += time.Duration(n) * tick
		}
	}
	return sum
}
