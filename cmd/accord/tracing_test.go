package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// collector receives spans over OTLP.
type collector struct {
	collectorpb.UnimplementedTraceServiceServer
	mu    sync.Mutex
	spans []*tracepb.Span
}

// Export implements the OTLP trace service.
func (c *collector) Export(_ context.Context, req *collectorpb.ExportTraceServiceRequest) (*collectorpb.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range req.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
	return &collectorpb.ExportTraceServiceResponse{}, nil
}

// trace returns the spans of a trace so far.
func (c *collector) trace(id string) (spans []*tracepb.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if hex.EncodeToString(s.GetTraceId()) == id {
			spans = append(spans, s)
		}
	}
	return spans
}

// collect starts a collector, and makes the servers of this test export to it.
func collect(t *testing.T) *collector {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, server := &collector{}, grpc.NewServer()
	collectorpb.RegisterTraceServiceServer(server, c)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+listener.Addr().String())
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
	return c
}

func dialTest(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestTrace: the trace of a caller gets spans for the call, its stages, its statements and
// its requests to model servers. No span has the text of the query.
func TestTrace(t *testing.T) {
	storetest.URL(t) // skips the test without a database before it sets environment variables
	c := collect(t)
	var passedOn traces
	model, rerank := embedtest.Serve(t, passedOn.before("model", newModel())), embedtest.Serve(t, passedOn.before("rerank", embedtest.Answer(http.StatusOK, `[{"index":0,"score":0.25}]`)))
	addr, log := serveLogged(t, "--database-url", storetest.URL(t), "--embedding-url", model.URL, "--rerank-url", "tei+"+rerank.URL)
	a := newAPI(t, addr)
	call := func(id string) context.Context {
		return metadata.AppendToOutgoingContext(t.Context(), "traceparent", "00-"+id+"-00f067aa0ba902b7-01")
	}
	const writing, searching = "0af7651916cd43dd8448eb211c80319c", "4bf92f3577b34da6a3ce929d0e0e4736"
	if err := a.write(call(writing)); err != nil {
		t.Fatal(err)
	}
	var header metadata.MD
	if _, err := a.search.Search(call(searching), &accordv1.SearchRequest{Query: rareQuery}, grpc.Header(&header)); err != nil {
		t.Fatal(err)
	}
	if got := header.Get("accord-trace-id"); !slices.Equal(got, []string{searching}) {
		t.Errorf("the header has the trace %q, want %s", got, searching)
	}
	for _, want := range []string{"model " + writing, "model " + searching, "rerank " + searching} {
		if !passedOn.has(want) {
			t.Errorf("no server got %s", want)
		}
	}
	wantSpans(t, c, writing, "accord.v1.IngestService/UpsertDocument", "ingest.read", "ingest.chunk", "ingest.embed", "ingest.store", "model_server.default", "INSERT")
	wantSpans(t, c, searching, "accord.v1.SearchService/Search", "search.embed", "search.lexical", "search.retrieve", "search.rank",
		"search.rerank", "search.hits", "model_server.default", "model_server.rerank", "SELECT")
	if text, err := json.Marshal(c.trace(searching)); err != nil || strings.Contains(string(text), "xylophone") {
		t.Errorf("a span has the query (error %v)", err)
	}
	_, _ = a.search.GetDocument(call(searching), &accordv1.GetDocumentRequest{Name: "collections/default/documents/none"})
	eventually(t, func() bool { return len(c.trace(searching)) > 0 })
	if strings.Contains(log.String(), "traces cannot be exported") {
		t.Errorf("log:\n%s", log)
	}
}

// traces has the trace ids that servers received in traceparent, by name of server.
type traces struct{ seen sync.Map }

func (s *traces) before(server string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if parts := strings.Split(r.Header.Get("traceparent"), "-"); len(parts) == 4 {
			s.seen.Store(server+" "+parts[1], true)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *traces) has(entry string) bool {
	_, seen := s.seen.Load(entry)
	return seen
}

// wantSpans waits until a trace has spans whose names contain the given names. It checks
// that the parent of each is in the trace.
func wantSpans(t *testing.T, c *collector, id string, names ...string) {
	t.Helper()
	var spans []*tracepb.Span
	lacks := func() []string {
		spans = c.trace(id)
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			return slices.ContainsFunc(spans, func(s *tracepb.Span) bool { return strings.Contains(s.GetName(), name) })
		})
	}
	eventually(t, func() bool { return len(lacks()) == 0 || t.Failed() })
	known := map[string]bool{"00f067aa0ba902b7": true}
	for _, s := range spans {
		known[hex.EncodeToString(s.GetSpanId())] = true
	}
	for _, s := range spans {
		if !known[hex.EncodeToString(s.GetParentSpanId())] {
			t.Errorf("the parent of %s is not in the trace", s.GetName())
		}
	}
}
