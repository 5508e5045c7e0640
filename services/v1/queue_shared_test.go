package v1_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestServersShareTheQueue: two servers with one database embed each queued document once.
// When the lease of a dead server has expired, the other one takes over its documents.
func TestServersShareTheQueue(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	open := func() *store.Store {
		db, err := store.Open(store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(db.Close)
		return db
	}
	slowly := func(model *embedtest.Server) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(300 * time.Millisecond)
			model.ServeHTTP(w, r)
		})
	}
	db, models := open(), []*embedtest.Server{newModel("test-model"), newModel("test-model")}
	first := startOn(t, db, slowly(models[0]))
	first.createCollection(t, "default")
	second := startOn(t, open(), slowly(models[1]))
	const n = 400
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("Text number %d.", i)
	}
	first.enqueue(t, texts[:1]...)
	first.becomes(t, "d0", complete)
	// This worker claims documents and dies immediately.
	first.enqueue(t, append([]string{"Changed."}, texts[1:]...)...)
	dead, err := db.ClaimDocuments(t.Context(), "dead", 2*time.Second, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		second.becomes(t, fmt.Sprintf("d%d", i), complete)
	}
	times := map[string]int{}
	for i, model := range models {
		own := 0
		for _, r := range model.Requests() {
			for _, text := range r.Input {
				if strings.HasPrefix(text, "Text number") {
					times[text]++
					own++
				}
			}
		}
		if own == 0 {
			t.Errorf("server %d embedded nothing", i)
		}
	}
	for text, n := range times {
		if n != 1 {
			t.Errorf("%q was embedded %d times", text, n)
		}
	}
	if len(times) != n {
		t.Errorf("%d texts were embedded, want %d; the dead worker had claimed %d", len(times), n, len(dead.Documents))
	}
}

// TestQueueUnderWrites: two servers concurrently write the same documents, with and
// without waiting, delete them, and retry failures. In the end every stored document is
// embedded, and no call has failed.
func TestQueueUnderWrites(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	var servers []*service
	var dbs []*store.Store
	for range 2 {
		db, err := store.Open(store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(db.Close)
		dbs, servers = append(dbs, db), append(servers, startOn(t, db, newModel("test-model")))
	}
	servers[0].createCollection(t, "default")
	const writers, rounds, documents = 6, 40, 8
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			s, r := servers[w%2], rand.New(rand.NewPCG(1, uint64(w)))
			for n := range rounds {
				id := name(fmt.Sprintf("d%d", r.IntN(documents)))
				var err error
				switch r.IntN(10) {
				case 0:
					_, err = s.ingest.DeleteDocument(t.Context(), &accordv1.DeleteDocumentRequest{Name: id})
					if status.Code(err) == codes.NotFound {
						err = nil
					}
				case 1:
					_, err = s.ingest.RetryFailedDocuments(t.Context(), &accordv1.RetryFailedDocumentsRequest{})
				default:
					_, err = s.ingest.UpsertDocument(t.Context(), &accordv1.UpsertDocumentRequest{
						Document: &accordv1.Document{
							Name: id, LanguageCode: []string{"en", "es"}[r.IntN(2)], Source: []string{"Wire", "Post"}[r.IntN(2)],
							Text: fmt.Sprintf("Text %d of writer %d.\n\nOne more, number %d.", n, w, r.IntN(3)),
						},
						WaitForIndex: proto.Bool(r.IntN(4) == 0),
					})
				}
				if err != nil && status.Code(err) != codes.Aborted { // ABORTED: three other writers changed the document first
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	writing.Wait()
	for i := range documents {
		id := name(fmt.Sprintf("d%d", i))
		servers[0].upsertWithoutWaiting(t, &accordv1.Document{Name: id, LanguageCode: "en", Text: fmt.Sprintf("The last text of %d.", i)})
		servers[1].becomes(t, fmt.Sprintf("d%d", i), complete)
	}
	servers[0].checkIngestStatus(t, &accordv1.GetIngestStatusResponse{IndexedDocumentCount: documents})
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var deadlocks int
	const counts = "SELECT deadlocks FROM (SELECT pg_stat_force_next_flush()), pg_stat_database WHERE datname = current_database()"
	if err := conn.QueryRow(t.Context(), counts).Scan(&deadlocks); err != nil || deadlocks > 0 {
		t.Errorf("%d deadlocks, error %v", deadlocks, err)
	}
	sp, err := dbs[0].ActiveSpace(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	if st, err := dbs[0].SpaceStatus(t.Context(), "default", sp.ID); err != nil || st.Pending != 0 || st.Windows != documents {
		t.Errorf("space %+v, error %v, want one window per document", st, err)
	}
	vectors, err := dbs[0].PassageCounts(t.Context(), sp)
	if diff := gocmp.Diff(map[string]int{"en": documents}, vectors); diff != "" || err != nil {
		t.Errorf("vectors of passages by language, error %v (-want +got):\n%s", err, diff)
	}
	found := servers[0].ask(t, &accordv1.SearchRequest{Query: "last text", PageSize: 100, KeepDuplicates: true, Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC}).GetResults()
	if len(found) != documents {
		t.Errorf("%d passages found by vectors, want %d", len(found), documents)
	}
}

// upsertWithoutWaiting writes a document without waiting for the index, and fails the
// test if it is refused.
func (s *service) upsertWithoutWaiting(t *testing.T, d *accordv1.Document) {
	t.Helper()
	if _, err := s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{Document: d, WaitForIndex: proto.Bool(false)}); err != nil {
		t.Fatal(err)
	}
}
