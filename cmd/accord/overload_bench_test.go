package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// BenchmarkOverload asks a server, in its own process, four times as many questions as it can
// answer, for ACCORD_BENCH_SECONDS (default 60). Each question has a deadline of two seconds. The
// model server answers at once, takes 300 ms for a request and handles eight at once, or is dead.
// In one case, documents are imported at the same time. The benchmark prints:
//
//	capacity           questions answered per second if callers are patient
//	goodput/capacity   the answers per second under overload, as a share of that
//	shed               the share of questions that are refused at once
//	late               the share of questions that reached their deadline
//	recovery           how long after the overload a question is answered
//
// It also prints the 99th percentile of the time of an answer, the peak of the server's memory, and
// by how much the memory grew during the overload. It needs Linux, since it reads /proc.
func BenchmarkOverload(b *testing.B) {
	for _, test := range []struct {
		what    string
		model   func(testing.TB) (url string)
		imports bool
	}{
		{"quick model", quickModel, false},
		{"imports beside", quickModel, true},
		{"slow model", func(t testing.TB) string { return slowModel(t, 300*time.Millisecond, 8) }, false},
		{"dead model", func(t testing.TB) string { return "http://" + freeAddr(t) }, false},
	} {
		b.Run(test.what, func(b *testing.B) {
			for b.Loop() {
				url := storetest.URL(b)
				writer := serve(b, "--database-url", url, "--embedding-url", quickModel(b))
				importLoad(b, writer, loadDocuments(100))
				server, addr := serveChild(b, "--database-url", url, "--embedding-url", test.model(b))
				if test.imports {
					defer importBeside(b, addr)()
				}
				measureOverload(b, addr, server.Process.Pid)
			}
		})
	}
}

func quickModel(t testing.TB) (url string) { return embedtest.Serve(t, newModel()).URL }

// importBeside imports documents over two streams until stop is called.
func importBeside(b *testing.B, addr string) (stop func()) {
	b.Helper()
	client, documents := newAPI(b, addr).ingest, loadDocuments(50)
	ctx, cancel := context.WithCancel(b.Context())
	var importing sync.WaitGroup
	for stream := range 2 {
		importing.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				var part []*accordv1.Document
				for i, d := range documents[stream*25 : stream*25+25] {
					part = append(part, &accordv1.Document{
						Name: fmt.Sprintf("collections/default/documents/beside-%d-%d", stream, i), LanguageCode: "en", Text: fmt.Sprintf("Import %d. %s", n, d.GetText()),
					})
				}
				if err := importStream(ctx, client, part); err != nil && ctx.Err() == nil {
					time.Sleep(100 * time.Millisecond) // imports are overloaded too, so they are refused at times
				}
			}
		})
	}
	return func() {
		cancel()
		importing.Wait()
	}
}

func measureOverload(b *testing.B, addr string, pid int) {
	b.Helper()
	seconds := 60
	if set, err := strconv.Atoi(os.Getenv("ACCORD_BENCH_SECONDS")); err == nil {
		seconds = set
	}
	last, a := time.Duration(seconds)*time.Second, newAPI(b, addr)
	a.healthy(b, true, searchService)
	a.capacity(b.Context(), 64, last/3) // the server learns how many calls may run at once
	capacity := a.capacity(b.Context(), 64, last/6)
	if capacity == 0 {
		b.Fatal("patient callers get no answers")
	}
	before := memoryOf(b, pid, "VmRSS")
	o := a.openLoop(b.Context(), 4*capacity, last, 2*time.Second)
	grown := memoryOf(b, pid, "VmRSS") - before
	ended, after := time.Now(), &tally{outcomes: map[string]int{}}
	for after.outcomes[answered] == 0 && time.Since(ended) < patience {
		a.askOnce(b.Context(), 2*time.Second, after)
	}
	b.ReportMetric(float64(time.Since(ended).Milliseconds()), "ms-recovery")
	total := 0
	for _, n := range o.outcomes {
		total += n
	}
	slices.Sort(o.took)
	b.ReportMetric(capacity, "capacity/s")
	b.ReportMetric(float64(o.outcomes[answered])/last.Seconds()/capacity, "goodput/capacity")
	b.ReportMetric(float64(o.outcomes[shed])/float64(total), "shed")
	b.ReportMetric(float64(o.outcomes[late])/float64(total), "late")
	if n := len(o.took); n > 0 {
		b.ReportMetric(float64(o.took[n*99/100].Milliseconds()), "ms-p99")
	}
	b.ReportMetric(memoryOf(b, pid, "VmHWM"), "MB-server-peak")
	b.ReportMetric(grown, "MB-growth")
	b.Log(o.outcomes)
}
