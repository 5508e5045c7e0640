package v1_test

import (
	"cmp"
	"context"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/activation"
	"github.com/accord-search/accord/internal/backfill"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/maintenance"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/server"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

const (
	maxTextBytes    = 64 << 10
	maxMessageBytes = 5 << 20
	callTimeout     = 30 * time.Second
)

// TestMain loads the language detection models before any call is timed. This takes many
// seconds under the race detector. It is skipped for fuzzers, which need no models.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() == "" {
		language.Detect("what was agreed")
	}
	os.Exit(m.Run())
}

// service runs the services over real TCP, and has clients for them.
type service struct {
	addr        string
	conn        *grpc.ClientConn
	search      accordv1.SearchServiceClient
	ingest      accordv1.IngestServiceClient
	collections accordv1.CollectionServiceClient
	spaces      accordv1.SpaceServiceClient
}

// newModel returns an instant model server that serves a model under the given name.
func newModel(name string) *embedtest.Server { return &embedtest.Server{Model: name, Dimensions: 32} }

// start serves with a new database and an instant model server.
func start(t testing.TB) (*service, *embedtest.Server) {
	t.Helper()
	model := newModel("test-model")
	return startOn(t, storetest.Open(t, store.Config{}), model), model
}

// startOn serves with a database and a model server.
func startOn(t testing.TB, db *store.Store, model http.Handler) *service {
	t.Helper()
	return startReranked(t, db, model, nil)
}

// startReranked serves with a database, a model server, and a reranker of 50 candidates
// if reranker is not nil.
func startReranked(t testing.TB, db *store.Store, model http.Handler, reranker search.Reranker) *service {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	servers, err := modelservers.Open([]modelservers.Server{{Name: "default", Config: embed.Config{URL: embedtest.Serve(t, model).URL}}}, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(servers.Close)
	builder, queue := backfill.New(db, servers, log), backfill.NewQueue(db, servers, 2, log)
	spaces := space.NewRegistry(db, servers, builder)
	calibrations := maintenance.New(db, spaces, servers, log)
	t.Cleanup(calibrations.Close)
	ctx, stop := context.WithCancel(context.Background())
	var building sync.WaitGroup
	building.Go(func() { builder.Run(ctx, spaces, calibrations) })
	building.Go(func() { queue.Run(ctx, spaces, calibrations) })
	t.Cleanup(func() {
		stop()
		building.Wait()
	})
	searcher := search.New(search.Config{
		Vectors: db, Terms: db, Both: db, Passages: db, Calibrations: db, Ahead: db,
		Spaces: spaces, Embedder: servers, Calibrator: calibrations, Unavailable: embed.Unavailable,
		Reranker: reranker, RerankCandidates: 50, VectorTimeout: callTimeout, QueryCacheSize: 100, Logger: log,
	})
	recorder := activation.NewRecorder(searcher)
	ingester := ingest.New(ingest.Config{
		Store: db, Spaces: spaces, Embedder: servers, Calibrator: calibrations, Builder: builder, Queue: queue, MaxTextBytes: maxTextBytes, Logger: log,
	})
	return startWith(t, v1.Config{
		Searcher: recorder, Embedder: searcher, BatchParallel: 4, Ingester: ingester, Importer: newImporter(ingester, calibrations),
		Spaces: spaces, Activator: activation.New(spaces, recorder, calibrations, log), Store: db, Replicas: db,
	})
}

// newImporter returns an importer that limits each document as a single call is limited.
func newImporter(writer ingest.Writer, calibrator ingest.ImportCalibrator) *ingest.Importer {
	return ingest.NewImporter(ingest.ImporterConfig{
		Writer: writer, Calibrator: calibrator, Timeout: callTimeout, Logger: slog.New(slog.DiscardHandler),
	})
}

// startWith serves with a configuration.
func startWith(t testing.TB, cfg v1.Config) *service {
	t.Helper()
	return startLimited(t, callTimeout, cfg)
}

// startLimited serves with a configuration. Calls without a deadline get the given limit.
func startLimited(t testing.TB, limit time.Duration, cfg v1.Config) *service {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	services, err := v1.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := server.New(t.Context(), server.Config{
		Addr: "127.0.0.1:0", MaxMessageBytes: maxMessageBytes, DefaultTimeout: limit, StopTimeout: time.Second,
		Unary: services.UnaryInterceptor, Stream: services.StreamInterceptor, Register: services.Register,
		Logger: cfg.Logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return dial(t, srv.Addr().String())
}

func dial(t testing.TB, addr string) *service {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &service{
		addr: addr, conn: conn, search: accordv1.NewSearchServiceClient(conn),
		ingest: accordv1.NewIngestServiceClient(conn), collections: accordv1.NewCollectionServiceClient(conn),
		spaces: accordv1.NewSpaceServiceClient(conn),
	}
}

// callContext limits the time of a test's calls, so that a call that hangs fails the test.
func callContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	t.Cleanup(cancel)
	return ctx
}

// upsert writes a document, and fails the test if it is refused.
func (s *service) upsert(t *testing.T, d *accordv1.Document) *accordv1.UpsertDocumentResponse {
	t.Helper()
	resp, err := s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{Document: d})
	if err != nil {
		t.Fatalf("upsert %s: %v", d.GetName(), err)
	}
	return resp
}

// get returns a document, and fails the test if there is none.
func (s *service) get(t *testing.T, name string) *accordv1.Document {
	t.Helper()
	resp, err := s.search.GetDocument(callContext(t), &accordv1.GetDocumentRequest{Name: name})
	if err != nil {
		t.Fatalf("get %s: %v", name, err)
	}
	return resp.GetDocument()
}

// createCollection creates a collection.
func (s *service) createCollection(t *testing.T, id string) {
	t.Helper()
	_, err := s.collections.CreateCollection(callContext(t), &accordv1.CreateCollectionRequest{CollectionId: id})
	if err != nil {
		t.Fatalf("create collection %s: %v", id, err)
	}
}

// allKinds are all kinds of passages.
var allKinds = []accordv1.PassageKind{
	accordv1.PassageKind_PASSAGE_KIND_PARAGRAPH, accordv1.PassageKind_PASSAGE_KIND_ARTICLE,
	accordv1.PassageKind_PASSAGE_KIND_HEADING, accordv1.PassageKind_PASSAGE_KIND_CAPTION,
}

// passages returns all passages of a document, in order. It must have at most 100.
func (s *service) passages(t *testing.T, name string) []*accordv1.Passage {
	t.Helper()
	resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{
		Query: "anything", PageSize: 100, KeepDuplicates: true, Filter: &accordv1.Filter{Documents: []string{name}, Kinds: allKinds},
	})
	if err != nil {
		t.Fatalf("passages of %s: %v", name, err)
	}
	var out []*accordv1.Passage
	for _, r := range resp.GetResults() {
		out = append(out, r.GetPassage())
	}
	slices.SortFunc(out, func(a, b *accordv1.Passage) int { return cmp.Compare(a.GetOrdinal(), b.GetOrdinal()) })
	return out
}

// failure is the expected error of a call: the code, the reason of its ErrorInfo, and
// the fields of its violations.
type failure struct {
	Code   codes.Code
	Reason string
	Fields []string
}

func invalid(fields ...string) failure {
	return failure{Code: codes.InvalidArgument, Reason: "INVALID_FIELD", Fields: fields}
}

var upperSnake = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// checkFailure checks an error against AIP-193 and the expected failure. A failure
// without a reason is a status by grpc-go, which has no details.
func checkFailure(t *testing.T, err error, want failure) {
	t.Helper()
	checkStatus(t, status.Convert(err), want)
	if err == nil {
		t.Error("no error")
	}
}

func checkStatus(t *testing.T, st *status.Status, want failure) {
	t.Helper()
	got, infos := failure{Code: st.Code()}, 0
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			infos++
			got.Reason = d.GetReason()
			if d.GetDomain() != "accord" || !upperSnake.MatchString(d.GetReason()) {
				t.Errorf("domain %q, reason %q", d.GetDomain(), d.GetReason())
			}
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				got.Fields = append(got.Fields, v.GetField())
				if v.GetDescription() == "" {
					t.Errorf("no description of field %s", v.GetField())
				}
			}
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%v (-want +got):\n%s", st.Message(), diff)
	}
	if wantInfos := min(len(want.Reason), 1); infos != wantInfos || st.Message() == "" {
		t.Errorf("%d ErrorInfos, want %d; message %q", infos, wantInfos, st.Message())
	}
}
