package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgvector "github.com/pgvector/pgvector-go"
	pgxvec "github.com/pgvector/pgvector-go/pgx"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// costSide is one of the servers that BenchmarkCost compares.
type costSide struct {
	searches []costSearch
	server   int // process id; 0 for this process
}

// costSearch is a search that returns the names of the first ten passages for a question.
type costSearch struct {
	name       string
	ask, exact func(ctx context.Context, question int) ([]string, error)
}

// cost holds the measured cost of queries.
type cost struct {
	perSecond        float64
	p50, p95, p99    time.Duration
	server, postgres float64 // CPU ms per query
	recall           float64
}

// measure sends b.N requests from a number of concurrent clients.
func (s costSide) measure(b *testing.B, bare *pgx.Conn, search costSearch, clients, questions int) (c cost) {
	ask := func(n int) {
		if _, err := search.ask(b.Context(), n%questions); err != nil {
			b.Error(err)
		}
	}
	took := make([]time.Duration, b.N)
	inParallel(clients, questions, ask) // warms the caches of vectors and database pages
	own := func() time.Duration {
		if s.server == 0 {
			return processTime()
		}
		return timeOf(b, s.server)
	}
	server, postgres, start := own(), backendTime(b, bare), time.Now()
	inParallel(clients, b.N, func(n int) {
		begun := time.Now()
		ask(n)
		took[n] = time.Since(begun)
	})
	c.perSecond = float64(b.N) / time.Since(start).Seconds()
	c.server = (own() - server).Seconds() * 1000 / float64(b.N)
	c.postgres = (backendTime(b, bare) - postgres).Seconds() * 1000 / float64(b.N)
	slices.Sort(took)
	c.p50, c.p95, c.p99 = took[b.N/2], took[b.N*95/100], took[b.N*99/100]
	if clients == 1 && b.N > 1 { // other numbers of clients give the same recall, and a run with b.N = 1 is go test's trial
		c.recall = search.recall(b, questions)
		b.ReportMetric(c.recall, "recall@10")
	}
	b.ReportMetric(c.perSecond, "queries/s")
	b.ReportMetric(c.p99.Seconds()*1000, "p99-ms")
	b.ReportMetric(c.server, "cpu-ms/server")
	b.ReportMetric(c.postgres, "cpu-ms/postgres")
	return c
}

// inParallel calls do with each number from 0 to n-1, from the given number of concurrent
// clients.
func inParallel(clients, n int, do func(n int)) {
	var next atomic.Int64
	var side sync.WaitGroup
	for range clients {
		side.Go(func() {
			for at := int(next.Add(1)) - 1; at < n; at = int(next.Add(1)) - 1 {
				do(at)
			}
		})
	}
	side.Wait()
}

// recall returns the share of the first ten results of exact searches that the search also
// found.
func (s costSearch) recall(b *testing.B, questions int) float64 {
	found, all := 0, 0
	for n := range questions {
		want, err := s.exact(b.Context(), n)
		if err != nil {
			b.Fatal(err)
		}
		got, err := s.ask(b.Context(), n)
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range want {
			all++
			if slices.Contains(got, name) {
				found++
			}
		}
	}
	return float64(found) / float64(all)
}

// accordSide starts a server in its own process and returns its searches.
func accordSide(b *testing.B, c *storetest.Corpus, url, modelURL string, questions []string) (side costSide) {
	b.Helper()
	server, addr := serveChild(b, "--database-url", url, "--embedding-url", modelURL)
	conn, err := clientFlags{Addr: addr}.dial()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	client := accordv1.NewSearchServiceClient(conn)
	side.server = server.Process.Pid
	eventually(b, func() bool { // until then the server loads the models, which would count as a cost of searches
		resp, err := healthgrpc.NewHealthClient(conn).Check(b.Context(), &healthgrpc.HealthCheckRequest{})
		return err == nil && resp.GetStatus() == healthgrpc.HealthCheckResponse_SERVING
	})
	waitForRest(b, side.server)
	for _, search := range scaleSearches {
		ask := func(kinds ...accordv1.PassageKind) func(context.Context, int) ([]string, error) {
			return func(ctx context.Context, question int) (names []string, err error) {
				req := search.request(c)
				req.Query, req.QueryLanguageCode = questions[question], "en"
				if len(kinds) > 0 {
					if req.Filter == nil {
						req.Filter = &accordv1.Filter{}
					}
					req.Filter.Kinds = kinds
				}
				answer, err := client.Search(ctx, req)
				for _, r := range answer.GetResults() {
					names = append(names, r.GetPassage().GetName())
				}
				return names, err
			}
		}
		// This search is exact: no index covers its filter of kinds, so all passages are
		// compared. The kind ARTICLE does not change the results, since no passage has
		// it.
		exact := ask(accordv1.PassageKind_PASSAGE_KIND_PARAGRAPH, accordv1.PassageKind_PASSAGE_KIND_ARTICLE, accordv1.PassageKind_PASSAGE_KIND_HEADING)
		if search.name != "semantic-en" {
			side.searches = append(side.searches, costSearch{search.name, ask(), exact})
		}
	}
	return side
}

// pgxSide returns searches for the nearest ten rows of a space with pgx alone, using its
// indexes. The client is this process, so its CPU time counts as that of the server.
func pgxSide(b *testing.B, c *storetest.Corpus, url string, sp space.Space, questions []string, vectors map[string][]float32) (side costSide) {
	b.Helper()
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		b.Fatal(err)
	}
	cfg.MaxConns = 16
	cfg.AfterConnect = pgxvec.RegisterTypes
	cfg.ConnConfig.RuntimeParams["hnsw.ef_search"] = "60"
	pool, err := pgxpool.NewWithConfig(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	of := func(language, condition string) string {
		return fmt.Sprintf("(SELECT document_id || '/' || ordinal AS name, centred <#> $1 AS distance FROM %s WHERE language = '%s' AND kind IN (1, 2) AND NOT fresh%s ORDER BY centred <#> $1 LIMIT 10)",
			pgx.Identifier{sp.Calibration.CentredTable}.Sanitize(), language, condition)
	}
	dates := scaleSearches[6].request(c).GetFilter()
	between := fmt.Sprintf(" AND publish_time >= '%s' AND publish_time < '%s'",
		dates.GetPublishedAfter().AsTime().Format(time.RFC3339), dates.GetPublishedBefore().AsTime().Format(time.RFC3339))
	for name, lists := range map[string][]string{
		"pgx": {of("en", ""), of("zh", "")}, "pgx-zh": {of("zh", "")}, "pgx-dates": {of("en", between), of("zh", between)},
	} {
		text := "SELECT name FROM (" + strings.Join(lists, " UNION ALL ") + ") nearest ORDER BY distance LIMIT 10"
		ask := func(text string) func(context.Context, int) ([]string, error) {
			return func(ctx context.Context, question int) ([]string, error) {
				rows, err := pool.Query(ctx, text, pgvector.NewHalfVector(vectors[questions[question]]))
				if err != nil {
					return nil, err
				}
				return pgx.CollectRows(rows, pgx.RowTo[string])
			}
		}
		side.searches = append(side.searches, costSearch{name, ask(text), ask(strings.ReplaceAll(text, "ORDER BY centred <#> $1", "ORDER BY (centred <#> $1) + 0"))})
	}
	slices.SortFunc(side.searches, func(a, b costSearch) int { return strings.Compare(a.name, b.name) })
	return side
}

// costTable is the table that BenchmarkCost prints.
type costTable struct {
	rows  int
	lines []costLine
}

type costLine struct {
	name    string
	clients int
	cost
}

// add records a measurement. It replaces earlier ones of the same search and number of
// clients, since go test makes trial runs first.
func (t *costTable) add(search costSearch, clients int, c cost) {
	line := costLine{search.name, clients, c}
	at := slices.IndexFunc(t.lines, func(l costLine) bool { return l.name == line.name && l.clients == clients })
	if at < 0 {
		t.lines = append(t.lines, line)
		return
	}
	t.lines[at] = line
}

func (t *costTable) print() {
	fmt.Printf("\n%d passages\n\n| search | clients | queries/s | p50 / p95 / p99, ms | CPU ms a query: server + database | recall@10 |\n|---|---|---|---|---|---|\n", t.rows)
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	for _, l := range t.lines {
		recall := ""
		if l.recall > 0 {
			recall = fmt.Sprintf("%.3f", l.recall)
		}
		fmt.Printf("| %s | %d | %.0f | %.1f / %.1f / %.1f | %.1f + %.1f | %s |\n",
			l.name, l.clients, l.perSecond, ms(l.p50), ms(l.p95), ms(l.p99), l.server, l.postgres, recall)
	}
	fmt.Println()
}
