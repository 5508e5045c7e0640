package v1_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestReplicaOwnWrites: a search that sends the position of a write sees that write, and is
// mostly answered by the replica. The same holds for reading a document, and after an
// import.
func TestReplicaOwnWrites(t *testing.T) {
	t.Parallel()
	r := startReplicated(t, 0)
	const rounds = 300
	if _, err := r.write(t.Context(), "first", "beginning"); err != nil {
		t.Fatal(err)
	}
	byReplica := 0
	for i := range rounds {
		id, word := fmt.Sprintf("d%d", i%50), fmt.Sprintf("quux%dend", i)
		position, err := r.write(t.Context(), id, word)
		if err != nil {
			t.Fatal(err)
		}
		before := r.traced.of(r.Replica.URL)
		if err := r.find(t.Context(), position, id, word); err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		if r.traced.of(r.Replica.URL) > before {
			byReplica++
		}
	}
	t.Logf("the replica answered %d of %d searches for own writes", byReplica, rounds)
	if byReplica == 0 {
		t.Error("the replica answered nothing")
	}
	position := importTwo(t, r)
	ctx := metadata.AppendToOutgoingContext(t.Context(), positionKey, position, positionKey, "0/1")
	for _, id := range []string{"i0", "i1"} {
		if _, err := r.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: "collections/default/documents/" + id}); err != nil {
			t.Error(err)
		}
	}
	got, err := r.collections.GetCollection(ctx, &accordv1.GetCollectionRequest{Name: "collections/default"})
	if err != nil || got.GetCollection().GetDocumentCount() != 53 {
		t.Errorf("collection %v, error %v, want 53 documents", got, err)
	}
}

// TestReplicaFailsInPart: if only one leg of a search fails on the replica, the whole
// search is made again on the primary.
func TestReplicaFailsInPart(t *testing.T) {
	t.Parallel()
	r := startReplicated(t, 0)
	position, err := r.write(t.Context(), "first", "beginning")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := pgx.ParseConfig(r.Replica.URL)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); r.traced.of(r.Replica.URL) == 0; {
		if err := r.find(t.Context(), position, "first", "beginning"); err != nil || time.Now().After(deadline) {
			t.Fatalf("the replica was not used, error %v", err)
		}
	}
	r.traced.failing.Store(uint32(cfg.Port))
	before := r.traced.of(r.Replica.URL)
	if err := r.find(t.Context(), position, "first", "beginning"); err != nil {
		t.Error(err)
	}
	if r.traced.of(r.Replica.URL) == before {
		t.Error("the replica was not used")
	}
}

// TestReplicaLacksDocument: a call without a position is answered by a replica that lags, but
// by the primary if the replica finds nothing.
func TestReplicaLacksDocument(t *testing.T) {
	t.Parallel()
	r := startReplicated(t, time.Hour)
	position, err := r.write(t.Context(), "first", "beginning")
	if err != nil {
		t.Fatal(err)
	}
	asking := metadata.AppendToOutgoingContext(callContext(t), positionKey, position)
	for deadline := time.Now().Add(10 * time.Second); r.traced.of(r.Replica.URL) == 0; { // the replica answers only once it has the write
		if _, err := r.search.Search(asking, &accordv1.SearchRequest{Query: "beginning"}); err != nil || time.Now().After(deadline) {
			t.Fatalf("the replica was not used, error %v", err)
		}
	}
	r.Replica.Exec(t, "SELECT pg_wal_replay_pause()")
	for id, word := range map[string]string{"first": "end", "second": "new"} {
		if _, err := r.write(t.Context(), id, word); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]string{"first": "The word is beginning.", "second": "The word is new."} {
		if got := r.get(t, name(id)).GetText(); got != want {
			t.Errorf("%s has the text %q, want %q", id, got, want)
		}
	}
	_, err = r.search.GetDocument(callContext(t), &accordv1.GetDocumentRequest{Name: name("absent")})
	checkFailure(t, err, failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
	r.Replica.Exec(t, "SELECT pg_wal_replay_resume()")
}

// importTwo imports two documents and returns the position in the trailer.
func importTwo(t *testing.T, r replicated) string {
	t.Helper()
	stream, err := r.ingest.ImportDocuments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	requests := []*accordv1.ImportDocumentsRequest{{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: &accordv1.ImportSettings{}}}}
	for i := range 2 {
		requests = append(requests, &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{
			Document: &accordv1.Document{Name: fmt.Sprintf("collections/default/documents/i%d", i), Text: "Imported.", LanguageCode: "en"},
		}})
	}
	for _, req := range requests {
		if err := stream.Send(req); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for err = nil; err == nil; {
		_, err = stream.Recv()
	}
	at := stream.Trailer().Get(positionKey)
	if !errors.Is(err, io.EOF) || len(at) != 1 {
		t.Fatalf("error %v, trailer %v", err, stream.Trailer())
	}
	return at[0]
}

// TestReplicaLags: data that a replica has not replayed yet is read from the primary, later
// pages of a search included, until the replica has caught up.
func TestReplicaLags(t *testing.T) {
	t.Parallel()
	r := startReplicated(t, 500*time.Millisecond)
	if _, err := r.write(t.Context(), "first", "beginning"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	r.Replica.Exec(t, "SELECT pg_wal_replay_pause()")
	position, err := r.write(t.Context(), "second", "beginning")
	if err != nil {
		t.Fatal(err)
	}
	// The request for the first page sends the position, and the one for the next page does
	// not. The replica may be within the maximum lag, but it lacks the data for the next page.
	asking := metadata.AppendToOutgoingContext(t.Context(), positionKey, position)
	req := &accordv1.SearchRequest{Query: "beginning", PageSize: 1, KeepDuplicates: true}
	seen := map[string]bool{}
	for page := range 2 {
		ctx := t.Context()
		if page == 0 {
			ctx = asking
		}
		resp, err := r.search.Search(ctx, req)
		if err != nil || len(resp.GetResults()) != 1 {
			t.Fatalf("page %d: %v, error %v", page, resp.GetResults(), err)
		}
		seen[resp.GetResults()[0].GetDocument().GetName()] = true
		req.PageToken = resp.GetNextPageToken()
	}
	if len(seen) != 2 {
		t.Errorf("documents of two pages: %v", seen)
	}
	r.waitFor(t, false)
	before := r.traced.of(r.Replica.URL)
	if err := r.find(t.Context(), "", "second", "beginning"); err != nil && r.traced.of(r.Replica.URL) != before {
		t.Errorf("the lagging replica answered: %v", err)
	}
	if n := r.traced.of(r.Replica.URL); n != before {
		t.Errorf("the lagging replica was used %d times", n-before)
	}
	r.Replica.Exec(t, "SELECT pg_wal_replay_resume()")
	r.waitFor(t, true)
	before = r.traced.of(r.Replica.URL)
	if _, err := r.search.Search(asking, &accordv1.SearchRequest{Query: "beginning"}); err != nil || r.traced.of(r.Replica.URL) == before {
		t.Errorf("the replica answers nothing after catching up, error %v", err)
	}
	r.Primary.Stop(t)
	if err := r.db.PingReads(t.Context()); err != nil {
		t.Errorf("without the primary: %v", err)
	}
	if _, err := r.search.Search(asking, &accordv1.SearchRequest{Query: "beginning"}); err != nil {
		t.Errorf("without the primary: %v", err)
	}
	r.Primary.Start(t)
}

// TestReplicaGenerations: searches do not fail while generations are built and old tables
// are dropped, although the replica cancels statements in order to replay this.
func TestReplicaGenerations(t *testing.T) {
	t.Parallel()
	r := startReplicated(t, time.Second)
	r.Replica.Exec(t, "ALTER SYSTEM SET max_standby_streaming_delay = 0")
	r.Replica.Exec(t, "SELECT pg_reload_conf()")
	var last string
	for i := range 20 {
		var err error
		if last, err = r.write(t.Context(), fmt.Sprintf("d%d", i), fmt.Sprintf("quux%dend", i)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	var searches atomic.Int64
	for n := range 3 {
		wait.Go(func() {
			for i := n; ctx.Err() == nil; i++ {
				if err := r.find(context.Background(), last, fmt.Sprintf("d%d", i%20), fmt.Sprintf("quux%dend", i%20)); err != nil {
					t.Error(err)
					return
				}
				searches.Add(1)
			}
		})
	}
	generations := 0
	for range 15 {
		sp, err := r.db.ActiveSpace(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.db.Recalibrate(t.Context(), sp); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
		// Old generations expire immediately, and a deletion wakes the remover.
		r.Primary.Exec(t, "UPDATE calibrations SET retire_time = now() - interval '1 hour' WHERE retire_time IS NOT NULL")
		if _, err := r.collections.CreateCollection(t.Context(), &accordv1.CreateCollectionRequest{CollectionId: "other"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.collections.DeleteCollection(t.Context(), &accordv1.DeleteCollectionRequest{Name: "collections/other"}); err != nil {
			t.Fatal(err)
		}
		generations++
	}
	stop()
	wait.Wait()
	t.Logf("%d searches over %d generations, %d batches by the replica, %d by the primary",
		searches.Load(), generations, r.traced.of(r.Replica.URL), r.traced.of(r.Primary.URL))
}

// TestMalformedPosition: an invalid position is refused with the name of its field.
func TestMalformedPosition(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for _, text := range []string{"", "x", "1", "0/", "/1", "0/1/2", "-1/0", "+1/0", "123456789/0", "0/123456789"} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), positionKey, text)
		_, err := s.search.Search(ctx, &accordv1.SearchRequest{Query: "what"})
		checkFailure(t, err, invalid(positionKey))
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), positionKey, "ffffffff/0")
	if _, err := s.search.Search(ctx, &accordv1.SearchRequest{Query: "what"}); err != nil {
		t.Errorf("position that no replica has reached: %v", err)
	}
}
