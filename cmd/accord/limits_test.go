package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestSlowReader: a connection that does not read its replies gets no more of them, while
// other connections are answered. When it cancels its calls, the server frees their
// replies.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	a := newAPI(t, addr)
	const name, size = "collections/default/documents/long", 400_000
	err := do(t, func(ctx context.Context) error {
		_, err := a.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{
			Name: name, LanguageCode: "en", Text: strings.Repeat(strings.Repeat("word ", 200)+"\n\n", size/1000),
		}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// With a fixed window, gRPC leaves replies unread. By default it enlarges its windows
	// and may take all replies off the connection.
	const window = 64 << 10
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	unread, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	for range 100 {
		stream, err := conn.NewStream(unread, &grpc.StreamDesc{ServerStreams: true}, accordv1.SearchService_GetDocument_FullMethodName)
		if err == nil {
			err = stream.SendMsg(&accordv1.GetDocumentRequest{Name: name})
		}
		if err == nil {
			err = stream.CloseSend()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	slow := accordv1.NewSearchServiceClient(conn)
	get := func(client accordv1.SearchServiceClient) error {
		return do(t, func(ctx context.Context) error {
			_, err := client.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: name})
			return err
		})
	}
	eventually(t, func() bool {
		// This asks for a document that does not exist, since a full reply would wait
		// behind those that are not read.
		ctx, cancel := context.WithTimeout(unread, 2*time.Second)
		defer cancel()
		_, err := slow.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: "collections/default/documents/absent"})
		return reason(err) == "REPLIES_NOT_READ"
	})
	if err := get(a.search); err != nil {
		t.Errorf("another connection: %v", err)
	}
	giveUp()
	eventually(t, func() bool { return get(slow) == nil })
}

// TestIdleConnections: idle connections and idle import streams do not hold up a search.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	a := newAPI(t, addr)
	if err := do(t, a.write); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
	var refused atomic.Bool
	for range 40 {
		stream, err := a.ingest.ImportDocuments(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_ = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: &accordv1.ImportSettings{}}})
		go func() {
			_, err := stream.Recv()
			refused.Store(refused.Load() || reason(err) == "OVERLOADED")
		}()
	}
	eventually(t, refused.Load) // from then on, these streams take all places for imports
	eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // an admitted import waits for our next message
		defer cancel()
		stream, err := a.ingest.ImportDocuments(ctx)
		if err == nil {
			_, err = stream.Recv()
		}
		return status.Code(err) == codes.ResourceExhausted && reason(err) == "OVERLOADED"
	})
	if err := do(t, a.ask); err != nil {
		t.Errorf("a search beside them: %v", err)
	}
	a.healthy(t, true, searchService)
}

// TestReadOnlyDatabase: while Postgres accepts only reads, as a hot standby does, searches
// are served and writes are not.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	execute := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), fmt.Sprintf(sql, pgx.Identifier{conn.Config().Database}.Sanitize())); err != nil {
			t.Fatal(err)
		}
	}
	flags := []string{"--database-url", url, "--embedding-url", embedtest.Serve(t, newModel()).URL}
	if err := do(t, newAPI(t, serve(t, flags...)).write); err != nil {
		t.Fatal(err)
	}
	execute("ALTER DATABASE %s SET default_transaction_read_only = on")
	a := newAPI(t, serve(t, flags...))
	a.healthy(t, true, searchService)
	a.healthy(t, false, ingestService)
	if err := do(t, a.get); err != nil {
		t.Errorf("a read: %v", err)
	}
	if err := do(t, a.write); status.Code(err) != codes.Unavailable || reason(err) != "DATABASE_UNAVAILABLE" {
		t.Errorf("a write: %v with reason %q, want UNAVAILABLE", err, reason(err))
	}
	execute("ALTER DATABASE %s RESET default_transaction_read_only")
	a.healthy(t, true, ingestService)
	if err := do(t, a.write); err != nil {
		t.Errorf("a write afterwards: %v", err)
	}
}

// TestTerminated checks that a server ends soon after SIGTERM, both while it starts with a
// database that hangs and during an import. No document that the import acknowledged is
// lost.
func TestTerminated(t *testing.T) {
	t.Parallel()
	ended := func(t *testing.T, wait func() error) {
		t.Helper()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = wait() // how it ends does not matter
		}()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("the server does not end")
		}
	}
	modelURL := slowModel(t, 50*time.Millisecond, 1)
	t.Run("start", func(t *testing.T) {
		t.Parallel()
		database, throughURL := newWire(t, storetest.URL(t))
		database.flow.Lock()
		defer database.flow.Unlock()
		server, _ := serveChild(t, "--database-url", throughURL, "--embedding-url", modelURL, "--stop-timeout", "1s")
		if err := server.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		ended(t, server.Wait)
	})
	t.Run("import", func(t *testing.T) {
		t.Parallel()
		url := storetest.URL(t)
		server, addr := serveChild(t, "--database-url", url, "--embedding-url", modelURL, "--stop-timeout", "10s")
		stream, err := newAPI(t, addr).ingest.ImportDocuments(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_ = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: &accordv1.ImportSettings{}}})
		sending := make(chan struct{})
		go func() {
			defer close(sending)
			for n := 0; ; n++ {
				d := &accordv1.Document{Name: fmt.Sprintf("collections/default/documents/d%d", n), LanguageCode: "en", Text: fmt.Sprintf("Port %d opened.", n)}
				if stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{Document: d}}) != nil {
					return
				}
			}
		}()
		var stored []string
		for err == nil {
			var answer *accordv1.ImportDocumentsResponse
			if answer, err = stream.Recv(); err != nil {
				break
			}
			if answer.GetOutcome() == accordv1.WriteOutcome_WRITE_OUTCOME_CREATED {
				stored = append(stored, answer.GetName())
			}
			if len(stored) == 5 {
				if err := server.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
		}
		if status.Code(err) != codes.Unavailable || reason(err) != "SERVER_STOPPING" {
			t.Errorf("the import ended with %v, reason %q", err, reason(err))
		}
		<-sending
		ended(t, server.Wait)
		again := newAPI(t, serve(t, "--database-url", url, "--embedding-url", modelURL))
		for _, name := range stored {
			if err := do(t, func(ctx context.Context) error {
				_, err := again.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: name})
				return err
			}); err != nil {
				t.Errorf("%s was answered and is lost: %v", name, err)
			}
		}
	})
}
