package v1_test

import (
	"context"
	"net/http"
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// internals matches what messages to callers must not contain: hosts, ports, URLs, the
// model server of the tests, JSON and Go values, errors of Postgres.
var internals = regexp.MustCompile(`SQLSTATE|relation|deadlock|\d+\.\d+\.\d+\.\d+|localhost|://|:\d|model server default|[{}"]`)

// TestErrorsNameNothingInternal checks what callers see if the model server fails or the
// database reports a conflict: a code and a reason, but no addresses, no names of servers
// or tables, and no text that these returned.
func TestErrorsNameNothingInternal(t *testing.T) {
	t.Parallel()
	var (
		mismatch    = failure{Code: codes.FailedPrecondition, Reason: "MODEL_MISMATCH"}
		unavailable = failure{Code: codes.Unavailable, Reason: "EMBEDDER_UNAVAILABLE"}
		rejected    = failure{Code: codes.FailedPrecondition, Reason: "EMBEDDER_REJECTED"}
		badVectors  = failure{Code: codes.Internal, Reason: "EMBEDDER_BAD_VECTORS"}
	)
	const answer = `{"error":"see http://127.0.0.1:8080/log"}`
	for _, test := range []struct {
		what  string
		model http.Handler
		// failures of searches and of all other calls
		search, others failure
	}{
		{"dead", embedtest.Reset(), unavailable, unavailable},
		{"loading", embedtest.Answer(http.StatusServiceUnavailable, answer), unavailable, unavailable},
		{"refusing", embedtest.Answer(http.StatusUnauthorized, answer), rejected, rejected},
		{"odd", embedtest.Answer(http.StatusOK, answer), unavailable, badVectors},
		{"another model of that name", embedtest.Backwards{Server: newModel("test-model")}, mismatch, mismatch},
		{"another profile", &embedtest.Server{Model: "other", Dimensions: 16}, mismatch, mismatch},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t, store.Config{})
			made := startOn(t, db, newModel("test-model"))
			made.upsert(t, &accordv1.Document{Name: name("a"), Text: "Ports."})
			s := startOn(t, db, test.model)
			check := func(call string, err error, want failure) {
				t.Helper()
				checkFailure(t, err, want)
				if found := internals.FindString(status.Convert(err).Message()); found != "" {
					t.Errorf("the message of %s names %q: %v", call, found, err)
				}
			}
			ctx := callContext(t)
			_, err := s.search.Search(ctx, &accordv1.SearchRequest{Query: "ports", OnEmbedderFailure: accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL})
			check("Search", err, test.search)
			_, err = s.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{Name: name("b"), Text: "Rails."}})
			check("UpsertDocument", err, test.others)
			if test.others.Reason != mismatch.Reason { // otherwise the new space is made by the other model
				_, err = s.spaces.CreateSpace(ctx, &accordv1.CreateSpaceRequest{})
				check("CreateSpace", err, test.others)
			}
			_, err = s.spaces.CreateSpace(ctx, &accordv1.CreateSpaceRequest{ModelServer: "absent"})
			check("CreateSpace on an unknown server", err, failure{Code: codes.FailedPrecondition, Reason: "MODEL_SERVER_UNKNOWN"})
		})
	}
	for _, test := range []struct {
		what, sql string
		call      func(context.Context, *service) error
	}{
		{
			"deadlock", `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN RAISE 'deadlock detected' USING ERRCODE = '40P01'; END $$;
			CREATE TRIGGER refuse BEFORE DELETE ON documents FOR EACH STATEMENT EXECUTE FUNCTION refuse()`,
			func(ctx context.Context, s *service) error {
				_, err := s.ingest.DeleteDocument(ctx, &accordv1.DeleteDocumentRequest{Name: name("a")})
				return err
			},
		},
		{
			"dropped table", `DO $$ BEGIN EXECUTE 'DROP TABLE ' || (SELECT terms_table FROM collections); END $$`,
			func(ctx context.Context, s *service) error {
				_, err := s.search.Search(ctx, &accordv1.SearchRequest{Query: "ports", Mode: accordv1.SearchMode_SEARCH_MODE_LEXICAL})
				return err
			},
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			url := storetest.URL(t)
			db, err := store.Open(store.Config{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(db.Close)
			s := startOn(t, db, newModel("test-model"))
			s.upsert(t, &accordv1.Document{Name: name("a"), Text: "Ports."})
			execute(t, url, test.sql)
			err = test.call(callContext(t), s)
			checkFailure(t, err, failure{Code: codes.Aborted, Reason: "CONCURRENT_WRITE"})
			if found := internals.FindString(status.Convert(err).Message()); found != "" {
				t.Errorf("the message names %q: %v", found, err)
			}
		})
	}
}

// execute runs SQL in a database.
func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
