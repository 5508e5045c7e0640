package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// relay forwards requests to a model server. It keeps the requests for passages.
type relay struct {
	target    *url.URL
	transport *http.Transport

	mu     sync.Mutex
	bodies [][]byte
}

func newRelay(b *testing.B) (r *relay, through string) {
	b.Helper()
	_, address, _ := strings.Cut(realModel(b), "://") // the scheme names the server's kind
	target, err := url.Parse("http://" + address)
	if err != nil {
		b.Fatal(err)
	}
	// One connection per request: the client of this server does not reuse them either.
	r = &relay{target: target, transport: &http.Transport{DisableKeepAlives: true}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = r.transport
	server := embedtest.Serve(b, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // the client disconnected
		}
		if bytes.Contains(body, []byte(`"input_type":"passage"`)) {
			r.mu.Lock()
			r.bodies = append(r.bodies, body)
			r.mu.Unlock()
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, req)
	}))
	return r, server.URL
}

// take returns the requests since the last call.
func (r *relay) take() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	bodies := r.bodies
	r.bodies = nil
	return bodies
}

// replay sends requests one after the other through a relay that keeps nothing, so that
// both sides pay for a relay.
func (r *relay) replay(b *testing.B, bodies [][]byte) time.Duration {
	b.Helper()
	proxy := httputil.NewSingleHostReverseProxy(r.target)
	proxy.Transport = r.transport
	server := httptest.NewServer(proxy)
	defer server.Close()
	bare := &http.Client{Transport: r.transport}
	start := time.Now()
	for _, body := range bodies {
		resp, err := bare.Post(server.URL+"/v1/embeddings", "application/json", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatalf("status %d, error %v", resp.StatusCode, err)
		}
	}
	return time.Since(start)
}

// texts makes documents of a few short, unique paragraphs.
type texts struct {
	random *rand.Rand
	next   int
}

func (t *texts) document(paragraphs int) *accordv1.Document {
	words := strings.Fields("the port of each side will build trade paper between rail copper and energy market digital water " +
		"health school visit council treaty law culture science food plan river city new green bank")
	var text strings.Builder
	for p := range paragraphs {
		for s := range 1 + t.random.IntN(3) {
			fmt.Fprintf(&text, "Sentence %d of part %d", s, p)
			for range 6 + t.random.IntN(14) {
				text.WriteString(" " + words[t.random.IntN(len(words))])
			}
			text.WriteString(". ")
		}
		text.WriteString("\n\n")
	}
	t.next++
	return &accordv1.Document{
		Name: fmt.Sprintf("collections/default/documents/bench-%d", t.next), LanguageCode: "en", Text: text.String(),
	}
}

// importAll imports documents and returns the time it took.
func (a api) importAll(b *testing.B, documents []*accordv1.Document) time.Duration {
	b.Helper()
	took, err := a.importOver(b.Context(), documents)
	if err != nil {
		b.Fatal(err)
	}
	return took
}

// importOver sends documents over one stream.
func (a api) importOver(ctx context.Context, documents []*accordv1.Document) (took time.Duration, err error) {
	start := time.Now()
	stream, err := a.ingest.ImportDocuments(ctx)
	if err != nil {
		return 0, err
	}
	sent := make(chan error, 1)
	go func() {
		err := stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: &accordv1.ImportSettings{}}})
		for _, d := range documents {
			if err == nil {
				err = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{Document: d}})
			}
		}
		if err == nil {
			err = stream.CloseSend()
		}
		sent <- err
	}()
	for range documents {
		answer, err := stream.Recv()
		if err != nil {
			return 0, err
		}
		if answer.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_CREATED {
			return 0, fmt.Errorf("%s: %v", answer.GetName(), answer.GetStatus())
		}
	}
	took = time.Since(start)
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) { // the stream ends after the calibration
		return 0, err
	}
	return took, <-sent
}

// ingestedPassages is the default number of passages to ingest per figure.
// ACCORD_BENCH_PASSAGES overrides it.
const ingestedPassages = 1_000

func passagesForBench(b *testing.B) int {
	b.Helper()
	given := os.Getenv("ACCORD_BENCH_PASSAGES")
	if given == "" {
		return ingestedPassages
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 100 {
		b.Fatalf("ACCORD_BENCH_PASSAGES=%s: want a number of at least 100", given)
	}
	return n
}

// BenchmarkIngest compares the ingest of documents with a bare HTTP client that sends
// the same requests to the real model server one after the other. The two alternate.
// ratio is the throughput of the ingest relative to the bare client.
func BenchmarkIngest(b *testing.B) {
	const rounds, paragraphs = 5, 10
	r, through := newRelay(b)
	a := newAPI(b, serve(b, "--database-url", storetest.URL(b), "--embedding-url", through))
	made := &texts{random: rand.New(rand.NewPCG(1, 2))}
	a.importAll(b, []*accordv1.Document{made.document(1)}) // the first import embeds the reference texts
	passages := passagesForBench(b)
	for b.Loop() {
		var ingested, bare time.Duration
		for range rounds {
			var documents []*accordv1.Document
			for range passages / paragraphs / rounds {
				documents = append(documents, made.document(paragraphs))
			}
			r.take()
			ingested += a.importAll(b, documents)
			bare += r.replay(b, r.take())
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(passages)/ingested.Seconds(), "passages/s")
		b.ReportMetric(bare.Seconds()/ingested.Seconds(), "ratio")
	}
}

// BenchmarkQueriesBesideIngest sends a query twice per second during an ingest, through
// a model server that handles one request at a time. added is how much longer a query's
// vector takes than on an idle server, as median and maximum. ratio is the throughput
// relative to an ingest without queries.
func BenchmarkQueriesBesideIngest(b *testing.B) {
	const rounds, paragraphs = 4, 10
	_, through := newRelay(b)
	a := newAPI(b, serve(b, "--database-url", storetest.URL(b), "--embedding-url", through))
	made := &texts{random: rand.New(rand.NewPCG(3, 4))}
	a.importAll(b, []*accordv1.Document{made.document(1)})
	passages := passagesForBench(b)
	for b.Loop() {
		idle := a.askFor(b, 5*time.Second)
		var alone, beside time.Duration
		var asked []time.Duration
		for range rounds { // the two alternate, so that other work on the machine disturbs both alike
			var documents [2][]*accordv1.Document
			for i := range passages / paragraphs / rounds {
				documents[i%2] = append(documents[i%2], made.document(paragraphs))
			}
			alone += a.importAll(b, documents[0])
			var (
				took   time.Duration
				failed error
				ended  = make(chan struct{})
			)
			go func() {
				defer close(ended)
				took, failed = a.importOver(b.Context(), documents[1])
			}()
			for finished := false; !finished; {
				asked = append(asked, a.askFor(b, 500*time.Millisecond)...)
				select {
				case <-ended:
					finished = true
				default:
				}
			}
			if failed != nil {
				b.Fatal(failed)
			}
			beside += took
		}
		base := milliseconds(idle)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(milliseconds(asked)-base, "ms-added-median")
		b.ReportMetric(asked[len(asked)-1].Seconds()*1000-base, "ms-added-most") // milliseconds has sorted asked
		b.ReportMetric(alone.Seconds()/beside.Seconds(), "ratio")
	}
}

// askFor sends a query twice per second, and returns how long each vector took.
func (a api) askFor(b *testing.B, span time.Duration) (took []time.Duration) {
	b.Helper()
	for end := time.Now().Add(span); time.Now().Before(end); {
		next := time.Now().Add(500 * time.Millisecond)
		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		answer, err := a.search.Search(ctx, &accordv1.SearchRequest{
			Query:             "what was built on the river by " + time.Now().Format(time.RFC3339Nano),
			OnEmbedderFailure: accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL,
		})
		cancel()
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, answer.GetSearchInfo().GetEmbedDuration().AsDuration())
		time.Sleep(time.Until(next))
	}
	return took
}
