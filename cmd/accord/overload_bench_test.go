package main

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// BenchmarkOverload asks a server, in its own process, four times as many questions as it
// can answer, for ACCORD_BENCH_SECONDS (default 60). Each question has a deadline of two
// seconds. The model server takes 300 ms for a query and handles eight at once. The
// benchmark prints how many questions per second are answered if callers are patient
// (capacity), the answers per second under overload as a share of that (goodput/capacity),
// the share of questions that are refused at once (shed), the share that reached their
// deadline (late), the 99th percentile of the time of an answer, and the peak memory of the
// server. It needs Linux, since it reads /proc.
func BenchmarkOverload(b *testing.B) {
	seconds := 60
	if set, err := strconv.Atoi(os.Getenv("ACCORD_BENCH_SECONDS")); err == nil {
		seconds = set
	}
	last := time.Duration(seconds) * time.Second
	for b.Loop() {
		url := storetest.URL(b)
		writer := serve(b, "--database-url", url, "--embedding-url", embedtest.Serve(b, newModel()).URL)
		importLoad(b, writer, loadDocuments(100))
		server, addr := serveChild(b, "--database-url", url, "--embedding-url", slowModel(b, 300*time.Millisecond, 8))
		a := newAPI(b, addr)
		a.healthy(b, true, searchService)
		a.capacity(b.Context(), 64, last/3) // the server learns how many calls may run at once
		capacity := a.capacity(b.Context(), 64, last/6)
		if capacity == 0 {
			b.Fatal("patient callers get no answers")
		}
		o := a.openLoop(b.Context(), 4*capacity, last, 2*time.Second)
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
		b.ReportMetric(memoryOf(b, server.Process.Pid, "VmHWM"), "MB-server-peak")
		b.Log(o.outcomes)
	}
}
