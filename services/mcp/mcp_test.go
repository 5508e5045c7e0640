package mcp_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/mcp"
)

// searcher is a gRPC server whose searches do what a test wants.
type searcher struct {
	accordv1.UnimplementedSearchServiceServer
	do func(context.Context) (*accordv1.SearchResponse, error)
}

// Search implements accordv1.SearchServiceServer.
func (s searcher) Search(ctx context.Context, _ *accordv1.SearchRequest) (*accordv1.SearchResponse, error) {
	return s.do(ctx)
}

// GetDocument implements accordv1.SearchServiceServer.
func (searcher) GetDocument(_ context.Context, req *accordv1.GetDocumentRequest) (*accordv1.GetDocumentResponse, error) {
	return &accordv1.GetDocumentResponse{TextLength: 4, Document: &accordv1.Document{
		Name: req.GetName(), Title: "Ports", Text: "One.", Metadata: map[string]string{"topic": "trade", "file": "a\nb.txt"},
	}}, nil
}

// serve serves MCP over HTTP in front of a gRPC server, and returns its URL.
func serve(t *testing.T, do func(context.Context) (*accordv1.SearchResponse, error)) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	rpc := grpc.NewServer()
	accordv1.RegisterSearchServiceServer(rpc, searcher{do: do})
	go func() { _ = rpc.Serve(listener) }()
	t.Cleanup(rpc.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	answer := mcp.Serve(mcp.New(mcp.Config{Conn: conn, Version: "test", Collection: "default", Logger: slog.New(slog.DiscardHandler)}))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := answer(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}))
	t.Cleanup(web.Close)
	return web.URL
}

func connect(t *testing.T, url string) *sdk.ClientSession {
	t.Helper()
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test"}, nil).Connect(t.Context(), &sdk.StreamableClientTransport{Endpoint: url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// question returns a call. The session of the client writes to what it is given, so tests do not share it.
func question() *sdk.CallToolParams {
	return &sdk.CallToolParams{Name: "search", Arguments: map[string]any{"query": "port"}}
}

// TestCancelledCalls: if the client cancels a call, or its connection ends, the call of the gRPC
// server ends too, in the newest revision of the protocol and in an older one.
func TestCancelledCalls(t *testing.T) {
	t.Parallel()
	asked, ended := make(chan struct{}, 2), make(chan struct{}, 2)
	url := serve(t, func(ctx context.Context) (*accordv1.SearchResponse, error) {
		asked <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return nil, ctx.Err()
	})
	for name, call := range map[string]func(context.Context) error{
		"newest": func(ctx context.Context) error {
			_, err := connect(t, url).CallTool(ctx, question())
			return err
		},
		"older": func(ctx context.Context) error {
			body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{"query":"port"}}}`
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", "application/json, text/event-stream")
			r.Header.Set("Mcp-Protocol-Version", "2025-06-18")
			answer, err := http.DefaultClient.Do(r)
			if err == nil {
				answer.Body.Close()
			}
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		if err := call(ctx); err == nil {
			t.Errorf("%s: a cancelled call has an answer", name)
		}
		<-ended
	}
}

// TestErrors: the errors of calls say what to do, and a panic ends only its call.
func TestErrors(t *testing.T) {
	t.Parallel()
	limited, err := status.New(codes.ResourceExhausted, "too many calls").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(7e9)})
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := status.New(codes.InvalidArgument, "filter.languages[0]: bad; page_size: bad").WithDetails(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
		{Field: "filter.languages[0]", Description: "must be a tag"}, {Field: "page_size", Description: "must be small"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var fails error
	session := connect(t, serve(t, func(context.Context) (*accordv1.SearchResponse, error) { return nil, fails }))
	for want, fault := range map[string]error{
		"too many calls; try again in 7 seconds":                                           limited.Err(),
		"languages[0]: must be a tag; limit: must be small":                                wrong.Err(),
		"the server cannot answer now: down; try again later":                              status.Error(codes.Unavailable, "down"),
		"no; list_collections shows the collections that this key may read":                status.Error(codes.PermissionDenied, "no"),
		"the server needs a valid API key: who":                                            status.Error(codes.Unauthenticated, "who"),
		"collections/a: not found; list_collections and list_documents show what there is": status.Error(codes.NotFound, "collections/a: not found"),
		"the call took too long and was ended; try a narrower question or filter":          status.Error(codes.DeadlineExceeded, "late"),
		"another model": status.Error(codes.FailedPrecondition, "another model"),
		"the server failed: internal error; see the server's log": status.Error(codes.Internal, "internal error; see the server's log"),
	} {
		fails = fault
		result, err := session.CallTool(t.Context(), question())
		if err != nil {
			t.Fatal(err)
		}
		if text := result.Content[0].(*sdk.TextContent).Text; !result.IsError || text != want {
			t.Errorf("%v: %q, want %q", fault, text, want)
		}
	}
}

// TestArguments: the error for a wrong argument names it, and says in words what it must be.
func TestArguments(t *testing.T) {
	t.Parallel()
	session := connect(t, serve(t, func(context.Context) (*accordv1.SearchResponse, error) { return &accordv1.SearchResponse{}, nil }))
	for _, test := range []struct {
		tool string
		args map[string]any
		says string
	}{
		{"search", nil, "query: is required"},
		{"search", map[string]any{"query": 1}, "query: must be a text"},
		{"search", map[string]any{"query": "x", "limit": 51}, "limit: must be a whole number from 1 to 50"},
		{"search", map[string]any{"query": "x", "limit": 1.5}, "limit: must be a whole number from 1 to 50"},
		{"search", map[string]any{"query": "x", "min_relevance": 2}, "min_relevance: must be a number from 0 to 1"},
		{"search", map[string]any{"query": "x", "mode": "fast"}, "mode: must be one of hybrid, semantic, lexical"},
		{"search", map[string]any{"query": "x", "kinds": []string{"poem"}}, "kinds: must be a list, each element one of paragraph"},
		{"search", map[string]any{"query": "x", "languages": "en"}, "languages: must be a list"},
		{"search", map[string]any{"query": "x", "metadata": map[string]any{"a": 1}}, "metadata: must be an object whose values are texts"},
		{"search", map[string]any{"query": "x", "group_translations": "yes"}, "group_translations: must be true or false"},
		{"search", map[string]any{"query": "x", "colour": 1, "size": 2}, "colour: there is no such argument; there are collection,"},
		{"search", map[string]any{"query": "x", "cursor": "500"}, "cursor: must be next_cursor"},
		{"search", map[string]any{"query": "x", "collection": "A B"}, "collection: must be an id"},
		{"search", map[string]any{"query": "x", "published_after": "May"}, "published_after: must be a date"},
		{"search", map[string]any{"query": "x", "documents": []string{"http://x"}}, "names no document"},
		{"get_document", map[string]any{"document": "a/b"}, "names no document"},
		{"get_passages", map[string]any{"citations": []string{}}, "citations: must be a list of 1 to 20"},
	} {
		result, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: test.tool, Arguments: test.args})
		if err != nil {
			t.Fatal(err)
		}
		if text := result.Content[0].(*sdk.TextContent).Text; !result.IsError || !strings.Contains(text, test.says) {
			t.Errorf("%s %v: %q, want %q", test.tool, test.args, text, test.says)
		}
	}
}

// TestDocumentAsText: the text about a document has all that its data has, each on a line of its
// own.
func TestDocumentAsText(t *testing.T) {
	t.Parallel()
	session := connect(t, serve(t, nil))
	result, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: "get_document", Arguments: map[string]any{"document": "a"}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "Ports\naccord://collections/default/documents/a#c=0-4\nmetadata file: a b.txt\nmetadata topic: trade\n\n> One.\n"
	if text := result.Content[0].(*sdk.TextContent).Text; text != want {
		t.Errorf("%q, want %q", text, want)
	}
}

// TestPanic: a panic in a call is an error of that call.
func TestPanic(t *testing.T) {
	t.Parallel()
	conn := panicking{}
	server := mcp.New(mcp.Config{Conn: conn, Version: "test", Collection: "default", Logger: slog.New(slog.DiscardHandler)})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = mcp.Serve(server)(w, r) }))
	t.Cleanup(web.Close)
	session := connect(t, web.URL)
	for range 2 {
		if _, err := session.CallTool(t.Context(), question()); err == nil || !strings.Contains(err.Error(), "internal error; see the server's log") {
			t.Errorf("a panic: %v", err)
		}
	}
}

// panicking is a connection whose calls panic.
type panicking struct{ grpc.ClientConnInterface }

// Invoke implements grpc.ClientConnInterface.
func (panicking) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { panic("broken") }
