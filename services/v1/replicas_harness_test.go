package v1_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const positionKey = "accord-wal-position"

// askedPorts counts batches of statements by the port of the server. Searches send their
// statements in batches.
type askedPorts struct {
	ports sync.Map
	// failing is the port of the server on which statements that count terms fail, or 0.
	failing atomic.Uint32
}

func (a *askedPorts) of(url string) int64 {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		panic(err)
	}
	n, _ := a.ports.LoadOrStore(cfg.Port, new(atomic.Int64))
	return n.(*atomic.Int64).Load()
}

func (a *askedPorts) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (a *askedPorts) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (a *askedPorts) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	port := conn.Config().Port
	n, _ := a.ports.LoadOrStore(port, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
	if a.failing.Load() != uint32(port) {
		return ctx
	}
	for _, q := range data.Batch.QueuedQueries {
		if strings.Contains(q.SQL, "_counts") {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			return ended
		}
	}
	return ctx
}
func (a *askedPorts) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (a *askedPorts) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// replicated is a service with a primary and a replica.
type replicated struct {
	*service
	storetest.Cluster
	db     *store.Store
	traced *askedPorts
}

func startReplicated(t *testing.T, maxLag time.Duration) replicated {
	t.Helper()
	cluster, traced := storetest.NewCluster(t), &askedPorts{}
	db, err := store.Open(store.Config{
		URL: cluster.Primary.URL, ReplicaURLs: []string{cluster.Replica.URL}, ReplicaMaxLag: maxLag, Tracer: traced,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	r := replicated{startOn(t, db, newModel("test-model")), cluster, db, traced}
	r.waitFor(t, true)
	return r
}

// waitFor waits until the replica becomes usable or unusable.
func (r replicated) waitFor(t *testing.T, usable bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); (r.db.PingReplicas(t.Context()) == nil) != usable; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("replica: %v", r.db.PingReplicas(t.Context()))
		}
	}
}

// awaitReplayed waits until searches without a position find a document.
func (r replicated) awaitReplayed(t *testing.T, id, word string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := r.find(t.Context(), "", id, word)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// write writes a document that contains a word, and returns the position of the write.
func (r replicated) write(ctx context.Context, id, word string) (position string, err error) {
	var header metadata.MD
	_, err = r.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{
		Name: "collections/default/documents/" + id, Text: "The word is " + word + ".", LanguageCode: "en",
	}}, grpc.Header(&header))
	if at := header.Get(positionKey); err == nil && len(at) == 1 {
		return at[0], nil
	}
	return "", errors.Join(err, fmt.Errorf("header %v", header))
}

// find searches for a word in lexical mode, and returns an error unless a document comes
// first.
func (r replicated) find(ctx context.Context, position, id, word string) error {
	if position != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, positionKey, position)
	}
	resp, err := r.search.Search(ctx, &accordv1.SearchRequest{Query: word})
	if err != nil {
		return err
	}
	if info := resp.GetSearchInfo(); len(info.GetDegraded()) > 0 {
		return fmt.Errorf("degraded: %v", info.GetDegraded())
	}
	if results := resp.GetResults(); len(results) == 0 || results[0].GetDocument().GetName() != "collections/default/documents/"+id {
		return fmt.Errorf("%s is not the first result: %v", id, results)
	}
	return nil
}
