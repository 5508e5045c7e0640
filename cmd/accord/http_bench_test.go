package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// BenchmarkHTTP compares what a search costs the server over HTTP and over gRPC, in CPU time.
// The calls take turns in rounds of 50 over the seeds, each with another question.
func BenchmarkHTTP(b *testing.B) {
	web := freeAddr(b)
	server, addr := serveChild(b, "--database-url", storetest.URL(b), "--embedding-url", embedtest.Serve(b, newModel()).URL, "--seed", seeds, "--http-addr", web)
	api := newAPI(b, addr)
	waitForRest(b, server.Process.Pid)
	const round = 50
	asked := 0
	question := func() string {
		asked++
		return fmt.Sprintf("What was agreed on the digital economy in meeting %d?", asked)
	}
	ways := []struct {
		name string
		ask  func() error
	}{
		{"gRPC", func() error {
			_, err := api.search.Search(b.Context(), &accordv1.SearchRequest{Query: question()})
			return err
		}},
		{"HTTP", func() error {
			answer, err := http.Post("http://"+web+webDocuments+":search", "application/json", strings.NewReader(fmt.Sprintf(`{"query":%q}`, question()))) //nolint:gosec // the server is that of the benchmark
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("status %d", answer.StatusCode)
			}
			_, err = io.Copy(io.Discard, answer.Body)
			return err
		}},
	}
	took := make([]time.Duration, len(ways))
	rounds := 0
	for b.Loop() {
		rounds++
		for i, way := range ways {
			before := timeOf(b, server.Process.Pid)
			for range round {
				if err := way.ask(); err != nil {
					b.Fatal(way.name, err)
				}
			}
			took[i] += timeOf(b, server.Process.Pid) - before
		}
	}
	b.ReportMetric(0, "ns/op") // the sum of both sides has no meaning
	for i, way := range ways {
		b.ReportMetric(took[i].Seconds()*1000/float64(rounds*round), way.name+"-CPU-ms")
	}
}
