package v1_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// statements counts the statements that a store sends.
type statements struct{ sent atomic.Int64 }

// TraceQueryStart implements pgx.QueryTracer.
func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	s.sent.Add(1)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (s *statements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	s.sent.Add(1)
}

// TraceBatchEnd implements pgx.BatchTracer.
func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TraceCopyFromStart implements pgx.CopyFromTracer.
func (s *statements) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	s.sent.Add(1)
	return ctx
}

// TraceCopyFromEnd implements pgx.CopyFromTracer.
func (s *statements) TraceCopyFromEnd(context.Context, *pgx.Conn, pgx.TraceCopyFromEndData) {}

// BenchmarkImport imports documents of one passage and of thirty, one per iteration,
// with an instant model server in the same process. It reports documents per second,
// statements per document, and CPU time per passage including the client and the model
// server.
func BenchmarkImport(b *testing.B) {
	for _, passages := range []int{1, 30} {
		b.Run(fmt.Sprintf("passages=%d", passages), func(b *testing.B) {
			traced := &statements{}
			db := storetest.Open(b, store.Config{Tracer: traced, MaxConns: 10})
			s := startOn(b, db, &embedtest.Server{Model: "test-model", Dimensions: 384})
			random := rand.New(rand.NewPCG(1, uint64(passages)))
			s.importTimed(b, settings(""), benchDocuments(random, "warm", 1, passages))
			documents := benchDocuments(random, "d", b.N, passages)
			sent, own, backends := traced.sent.Load(), processCPU(), postgresCPU(b)
			b.ResetTimer()
			acknowledged, whole := s.importTimed(b, settings(""), documents)
			b.StopTimer()
			n := float64(b.N)
			b.ReportMetric(n/acknowledged.Seconds(), "documents/s")
			b.ReportMetric(n*float64(passages)/acknowledged.Seconds(), "passages/s")
			b.ReportMetric((whole - acknowledged).Seconds(), "s-at-the-end")
			b.ReportMetric(float64(traced.sent.Load()-sent)/n, "statements/document")
			b.ReportMetric((processCPU()-own).Seconds()*1000/n/float64(passages), "cpu-ms/passage/server")
			b.ReportMetric((postgresCPU(b)-backends).Seconds()*1000/n/float64(passages), "cpu-ms/passage/postgres")
		})
	}
}

func benchDocuments(random *rand.Rand, prefix string, n, passages int) []*accordv1.ImportDocumentsRequest {
	words := make([]string, 3_000)
	for i := range words {
		words[i] = fmt.Sprintf("w%c%c%d", 'a'+random.IntN(26), 'a'+random.IntN(26), random.IntN(900))
	}
	list := make([]*accordv1.ImportDocumentsRequest, n)
	for i := range list {
		var text strings.Builder
		for range passages {
			for range 3 {
				text.WriteString("The")
				for range 14 {
					text.WriteString(" " + words[int(float64(len(words))*random.Float64()*random.Float64())])
				}
				text.WriteString(". ")
			}
			text.WriteString("\n\n")
		}
		list[i] = importOf(&accordv1.Document{Name: name(fmt.Sprintf("%s-%d", prefix, i)), LanguageCode: "en", Text: text.String(), Source: "Wire"})
	}
	return list
}

// importTimed returns the time until the last document was acknowledged, and until the
// stream ended.
func (s *service) importTimed(b *testing.B, settings *accordv1.ImportDocumentsRequest, documents []*accordv1.ImportDocumentsRequest) (acknowledged, whole time.Duration) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	start := time.Now()
	stream, err := s.ingest.ImportDocuments(ctx)
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		_ = stream.Send(settings) // if it fails, Recv returns the error
		for _, d := range documents {
			_ = stream.Send(d)
		}
		_ = stream.CloseSend()
	}()
	for n := 0; ; n++ {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) && n == len(documents) {
			return acknowledged, time.Since(start)
		}
		if err != nil || answer.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_CREATED {
			b.Fatalf("answer %d: %v, error %v", n, answer, err)
		}
		acknowledged = time.Since(start)
	}
}

func processCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// postgresCPU returns the CPU time that the processes of the tests' Postgres have used so
// far, without those of closed connections.
func postgresCPU(b *testing.B) (sum time.Duration) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), os.Getenv("ACCORD_TEST_DATABASE_URL"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close(b.Context()) }()
	parent := procStat(strconv.Itoa(int(conn.PgConn().PID())))[1]
	entries, err := os.ReadDir("/proc")
	if err != nil {
		b.Fatal(err)
	}
	const tick = 10 * time.Millisecond // Linux's clock tick in user space
	for _, e := range entries {
		if stat := procStat(e.Name()); stat[1] == parent {
			sum += time.Duration(stat[11]+stat[12]) * tick
		}
	}
	return sum
}

// procStat returns the numbers in /proc/PID/stat that follow the process name, which may
// contain spaces. The second is the parent's id, the 12th and 13th are CPU times.
func procStat(pid string) (numbers [13]int64) {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return numbers
	}
	for i, f := range strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))[:len(numbers)] {
		numbers[i], _ = strconv.ParseInt(f, 10, 64) // the first field is a letter, which stays 0
	}
	return numbers
}
