package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// api is a client without the command's retries.
type api struct {
	search accordv1.SearchServiceClient
	ingest accordv1.IngestServiceClient
	spaces accordv1.SpaceServiceClient
	health healthgrpc.HealthClient
}

func newAPI(t testing.TB, addr string) api {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return api{
		accordv1.NewSearchServiceClient(conn), accordv1.NewIngestServiceClient(conn), accordv1.NewSpaceServiceClient(conn), healthgrpc.NewHealthClient(conn),
	}
}

// callDeadline is the deadline of a patient caller: far longer than the timeouts of the
// servers in these tests.
const callDeadline = 20 * time.Second

// do makes a call with a deadline, and fails the test if the call exceeds it.
func do(t *testing.T, call func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callDeadline)
	defer cancel()
	err := call(ctx)
	if ctx.Err() != nil {
		t.Fatalf("the call exceeded its deadline: %v", err)
	}
	return err
}

// ask sends a query that was not sent before, so that its vector is not cached. It accepts
// no answer without a vector.
func (a api) ask(ctx context.Context) error {
	_, err := a.search.Search(ctx, &accordv1.SearchRequest{
		Query:             "Did the port open by " + time.Now().Format(time.RFC3339Nano) + "?",
		OnEmbedderFailure: accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL,
	})
	return err
}

// question is a query that is sent repeatedly, so that its vector is cached.
const question = "Which port opened?"

// askByDefault sends a query. It returns whether the results have the document that write
// stores, and the degradations.
func (a api) askByDefault(ctx context.Context, query string) (found bool, degraded []accordv1.Degradation, err error) {
	answer, err := a.search.Search(ctx, &accordv1.SearchRequest{Query: query})
	return len(answer.GetResults()) == 1, answer.GetSearchInfo().GetDegraded(), err
}

func (a api) get(ctx context.Context) error {
	_, err := a.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: "collections/default/documents/a"})
	return err
}

func (a api) write(ctx context.Context) error {
	_, err := a.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{
		Name: "collections/default/documents/a", LanguageCode: "en", Text: "The port opened at " + time.Now().Format(time.RFC3339Nano),
	}})
	return err
}

// healthy waits until a service reports that it serves, or, if want is false, that it does
// not.
func (a api) healthy(t testing.TB, want bool, service string) {
	t.Helper()
	eventually(t, func() bool {
		resp, err := a.health.Check(t.Context(), &healthgrpc.HealthCheckRequest{Service: service})
		return err == nil && (resp.GetStatus() == healthgrpc.HealthCheckResponse_SERVING) == want
	})
}

func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

const (
	searchService     = "accord.v1.SearchService"
	ingestService     = "accord.v1.IngestService"
	collectionService = "accord.v1.CollectionService"
)

// TestServersGoAndReturn: while Postgres or the model server is dead or hangs, calls
// that need it fail in time and health says so. Everything works again afterwards.
func TestServersGoAndReturn(t *testing.T) {
	t.Parallel()
	modelURL := embedtest.Serve(t, newModel()).URL
	dead := func(w *wire) (restore func()) {
		w.cut()
		return w.repair
	}
	hung := func(w *wire) (restore func()) {
		w.flow.Lock()
		return w.flow.Unlock
	}
	for _, test := range []struct {
		what     string
		harm     func(*wire) (restore func())
		database bool // whether Postgres fails; otherwise the model server does
		reason   string
		down     []string // services that report that they do not serve
	}{
		{"model server dead", dead, false, "EMBEDDER_UNAVAILABLE", []string{ingestService}},
		{"model server hangs", hung, false, "EMBEDDER_UNAVAILABLE", []string{ingestService}},
		{"Postgres dead", dead, true, "DATABASE_UNAVAILABLE", []string{"", searchService, ingestService, collectionService}},
		{"Postgres hangs", hung, true, "DATABASE_UNAVAILABLE", []string{"", searchService, ingestService, collectionService}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			database, databaseURL := newWire(t, storetest.URL(t))
			model, throughURL := newWire(t, modelURL)
			a := newAPI(t, serve(t, "--database-url", databaseURL, "--embedding-url", throughURL,
				"--database-timeout", "4s", "--embedding-query-timeout", "1s", "--embedding-passage-timeout", "1s"))
			all := []string{"", searchService, ingestService, collectionService}
			allWell := func(when string) {
				for _, service := range all {
					a.healthy(t, true, service)
				}
				for _, call := range []func(context.Context) error{a.write, a.ask, a.get} {
					if err := do(t, call); err != nil {
						t.Fatalf("%s: %v", when, err)
					}
				}
			}
			allWell("at first")
			if found, degraded, err := a.askByDefault(t.Context(), question); !found || len(degraded) > 0 || err != nil {
				t.Fatalf("found %v, degraded %v, error %v", found, degraded, err)
			}

			harmed := model
			if test.database {
				harmed = database
			}
			restore := test.harm(harmed)
			restored := false
			t.Cleanup(func() {
				if !restored {
					restore()
				}
			})
			for what, call := range map[string]func(context.Context) error{"Search": a.ask, "UpsertDocument": a.write} {
				if err := do(t, call); status.Code(err) != codes.Unavailable || reason(err) != test.reason {
					t.Errorf("%s: %v with reason %q, want UNAVAILABLE with %s", what, err, reason(err), test.reason)
				}
			}
			if !test.database {
				checkDegraded(t, a)
			}
			if err := do(t, a.get); (status.Code(err) == codes.Unavailable) != test.database {
				t.Errorf("GetDocument, which needs only Postgres: %v", err)
			}
			for _, service := range all {
				a.healthy(t, !slices.Contains(test.down, service), service)
			}
			restore()
			restored = true
			allWell("when it is back")
		})
	}
}

// checkDegraded: without a model server, a new query is answered by words and marked as
// degraded. A repeated query, whose vector is cached, is answered in full.
func checkDegraded(t *testing.T, a api) {
	t.Helper()
	for query, want := range map[string][]accordv1.Degradation{
		question:                {},
		"The port, opened when": {accordv1.Degradation_DEGRADATION_EMBEDDER_UNAVAILABLE},
	} {
		err := do(t, func(ctx context.Context) error {
			found, degraded, err := a.askByDefault(ctx, query)
			if err == nil && (!found || !slices.Equal(degraded, want)) {
				t.Errorf("%q: found %v, degraded %v, want %v", query, found, degraded, want)
			}
			return err
		})
		if err != nil {
			t.Errorf("%q: %v", query, err)
		}
	}
}

// TestServeBeforeItsServers: a server may start before Postgres and the model server.
func TestServeBeforeItsServers(t *testing.T) {
	t.Parallel()
	database, databaseURL := newWire(t, storetest.URL(t))
	model, modelURL := newWire(t, embedtest.Serve(t, newModel()).URL)
	database.cut()
	model.cut()
	a := newAPI(t, serve(t, "--database-url", databaseURL, "--embedding-url", modelURL))
	a.healthy(t, false, searchService)
	if err := do(t, a.ask); status.Code(err) != codes.Unavailable {
		t.Errorf("Search: %v, want UNAVAILABLE", err)
	}
	database.repair()
	a.healthy(t, true, collectionService)
	a.healthy(t, true, searchService)
	a.healthy(t, false, ingestService)
	model.repair()
	a.healthy(t, true, ingestService)
	if err := do(t, a.ask); err != nil {
		t.Errorf("after both have started: %v", err)
	}
}
