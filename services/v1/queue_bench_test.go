package v1_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// BenchmarkSlowModel imports documents of one passage, one per iteration, with and without
// waiting for the index. Its model server takes 300 ms per request. It reports how many
// documents per second the whole import acknowledged and indexed, and the texts per
// request.
func BenchmarkSlowModel(b *testing.B) {
	for _, wait := range []bool{true, false} {
		b.Run(fmt.Sprintf("wait=%v", wait), func(b *testing.B) {
			model := &embedtest.Server{Model: "test-model", Dimensions: 384}
			s := startOn(b, storetest.Open(b, store.Config{MaxConns: 10}), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(300 * time.Millisecond)
				model.ServeHTTP(w, r)
			}))
			random := rand.New(rand.NewPCG(1, 1))
			s.importTimed(b, settings(""), benchDocuments(random, "warm", 1, 1))
			documents, asked := benchDocuments(random, "d", b.N, 1), len(model.Requests())
			first := withoutWaiting("")
			if wait {
				first = settings("")
			}
			b.ResetTimer()
			start := time.Now()
			acknowledged, _ := s.importTimed(b, first, documents)
			for pending := true; pending; time.Sleep(20 * time.Millisecond) {
				st, err := s.ingest.GetIngestStatus(b.Context(), &accordv1.GetIngestStatusRequest{})
				if err != nil {
					b.Fatal(err)
				}
				pending = st.GetPendingDocumentCount() > 0
			}
			indexed := time.Since(start)
			b.StopTimer()
			b.ReportMetric(float64(b.N)/acknowledged.Seconds(), "acknowledged/s")
			b.ReportMetric(float64(b.N)/indexed.Seconds(), "indexed/s")
			texts, requests := 0, model.Requests()[asked:]
			for _, r := range requests {
				texts += len(r.Input)
			}
			b.ReportMetric(float64(texts)/float64(len(requests)), "texts/request")
		})
	}
}
