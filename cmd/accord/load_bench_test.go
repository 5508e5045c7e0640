package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	pgvector "github.com/pgvector/pgvector-go"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	loadParagraphs = 30 // paragraphs of each document
	loadStreams    = 2
)

// BenchmarkLoad imports ACCORD_BENCH_ROWS passages (default 10,000), thirty per document,
// into a server in its own process with an instant model server. It waits until the vector
// indexes have all passages. For comparison it copies the same passage vectors into a table
// with pgx and indexes them. It reports the passages per second until all are acknowledged,
// the time until all are indexed, the time of pgx and its ratio to the time until all are
// indexed, the memory of the server, and the disk space per passage. It needs Linux, since
// it reads /proc.
func BenchmarkLoad(b *testing.B) {
	rows := 10_000
	if set, err := strconv.Atoi(os.Getenv("ACCORD_BENCH_ROWS")); err == nil {
		rows = set
	}
	for b.Loop() {
		url := storetest.URL(b)
		modelURL := embedtest.Serve(b, &embedtest.Server{Model: "instant", Dimensions: benchDimensions}).URL
		server, addr := serveChild(b, "--database-url", url, "--embedding-url", modelURL)
		bare, pid := connectBare(b, url), server.Process.Pid
		documents := loadDocuments(rows / loadParagraphs)
		start := time.Now()
		importLoad(b, addr, documents)
		acknowledged := time.Since(start)
		table := waitUntilIndexed(b, url, bare, len(documents)*loadParagraphs)
		indexed := time.Since(start)
		bareTime, n := loadBare(b, bare, table)
		searchAll(b, addr, documents)
		passages := float64(n)
		b.ReportMetric(passages/acknowledged.Seconds(), "passages/s")
		b.ReportMetric(indexed.Seconds(), "s-until-indexed")
		b.ReportMetric(bareTime.Seconds(), "s-pgx")
		b.ReportMetric(bareTime.Seconds()/indexed.Seconds(), "ratio")
		b.ReportMetric(memoryOf(b, pid, "VmRSS"), "MB-server")
		b.ReportMetric(memoryOf(b, pid, "VmHWM"), "MB-server-peak")
		b.ReportMetric(diskOf(b, bare)/passages, "B-disk/passage")
	}
}

// loadDocuments returns documents of paragraphs of two sentences, with words of a
// vocabulary in which a few are frequent and most are rare.
func loadDocuments(n int) []*accordv1.Document {
	random := rand.New(rand.NewPCG(1, 2))
	list := make([]*accordv1.Document, n)
	for i := range list {
		var text strings.Builder
		for range loadParagraphs {
			for range 2 {
				text.WriteString("The")
				for range 14 {
					fmt.Fprintf(&text, " w%d", int(20_000*math.Pow(random.Float64(), 3)))
				}
				text.WriteString(". ")
			}
			text.WriteString("\n\n")
		}
		list[i] = &accordv1.Document{Name: fmt.Sprintf("collections/default/documents/load-%d", i), LanguageCode: "en", Text: text.String()}
	}
	return list
}

// importLoad imports documents over several streams.
func importLoad(b *testing.B, addr string, documents []*accordv1.Document) {
	b.Helper()
	conn, err := clientFlags{Addr: addr}.dial()
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	client := accordv1.NewIngestServiceClient(conn)
	var streams errgroup.Group
	for part := range slices.Chunk(documents, (len(documents)+loadStreams-1)/loadStreams) {
		streams.Go(func() error { return importStream(b.Context(), client, part) })
	}
	if err := streams.Wait(); err != nil {
		b.Fatal(err)
	}
}

func importStream(ctx context.Context, client accordv1.IngestServiceClient, documents []*accordv1.Document) error {
	stream, err := client.ImportDocuments(ctx)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.Go(func() error {
		err := stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: &accordv1.ImportSettings{}}})
		if err != nil {
			return err
		}
		for _, d := range documents {
			err := stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{Document: d}})
			if err != nil {
				return err
			}
		}
		return stream.CloseSend()
	})
	for n := 0; ; n++ {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) && n == len(documents) {
			return group.Wait()
		}
		if err == nil && answer.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_CREATED {
			err = fmt.Errorf("answer %d: %v", n, answer)
		}
		if err != nil {
			return errors.Join(err, group.Wait())
		}
	}
}

// waitUntilIndexed waits until the index of the searched generation has all passages,
// and returns the generation's table.
func waitUntilIndexed(b *testing.B, url string, bare *pgx.Conn, passages int) (table string) {
	b.Helper()
	db, err := store.Open(store.Config{URL: url, Logger: slog.New(slog.DiscardHandler), HNSWMinRows: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for deadline := time.Now().Add(30 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		sp, err := db.ActiveSpace(b.Context(), document.DefaultCollection)
		if err != nil {
			b.Fatal(err)
		}
		if table = sp.Calibration.CentredTable; !slices.Contains(sp.Calibration.Indexed, "en") {
			continue
		}
		var indexed int
		err = bare.QueryRow(b.Context(), "SELECT count(*) FROM "+table+" WHERE NOT fresh").Scan(&indexed)
		if err == nil && indexed == passages {
			return table
		}
	}
	b.Fatal("the index is not finished after 30 minutes")
	return ""
}

// loadBare copies the passage vectors of a table into a new table and indexes them. The
// build gets as much memory and as many workers as the server gives it.
func loadBare(b *testing.B, bare *pgx.Conn, table string) (took time.Duration, n int64) {
	b.Helper()
	ctx := b.Context()
	execute := func(sql string) {
		if _, err := bare.Exec(ctx, sql); err != nil {
			b.Fatal(err)
		}
	}
	rows, err := bare.Query(ctx, "SELECT row_number() OVER (), centred FROM "+table)
	if err != nil {
		b.Fatal(err)
	}
	vectors, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) {
		var (
			id     int64
			vector pgvector.HalfVector
		)
		err := row.Scan(&id, &vector)
		return []any{id, vector}, err
	})
	if err != nil {
		b.Fatal(err)
	}
	execute("CREATE TABLE bare (id bigint PRIMARY KEY, embedding halfvec(" + strconv.Itoa(benchDimensions) + ") NOT NULL)")
	execute("SET maintenance_work_mem = '1GB'")
	execute("SET max_parallel_maintenance_workers = 4")
	start := time.Now()
	if n, err = bare.CopyFrom(ctx, pgx.Identifier{"bare"}, []string{"id", "embedding"}, pgx.CopyFromRows(vectors)); err != nil {
		b.Fatal(err)
	}
	execute("CREATE INDEX ON bare USING hnsw (embedding halfvec_ip_ops)")
	took = time.Since(start)
	execute("DROP TABLE bare")
	return took, n
}

// searchAll searches for the first words of a few documents, so that the server's memory
// includes what searches hold.
func searchAll(b *testing.B, addr string, documents []*accordv1.Document) {
	b.Helper()
	conn, err := clientFlags{Addr: addr}.dial()
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	client := accordv1.NewSearchServiceClient(conn)
	for n := range 500 {
		words := strings.Fields(documents[n%len(documents)].GetText())
		if _, err := client.Search(b.Context(), &accordv1.SearchRequest{Query: strings.Join(words[:8], " ")}); err != nil {
			b.Fatal(err)
		}
	}
}

// memoryOf returns a figure of /proc/PID/status in MB.
func memoryOf(b *testing.B, pid int, field string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if after, ok := strings.CutPrefix(line, field+":"); ok {
			kB, err := strconv.Atoi(strings.Fields(after)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kB) / 1024
		}
	}
	b.Fatalf("no %s in the status of process %d", field, pid)
	return 0
}

// diskOf returns the size of all tables and indexes in bytes.
func diskOf(b *testing.B, bare *pgx.Conn) (size float64) {
	b.Helper()
	err := bare.QueryRow(b.Context(), "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = 'public'").Scan(&size)
	if err != nil {
		b.Fatal(err)
	}
	return size
}
