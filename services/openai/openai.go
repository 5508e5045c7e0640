// Package openai serves searches and lists of documents in the shape of OpenAI's vector stores,
// so that programs made for those can use Accord. It only reads. A collection is a vector store
// and a document is a file: their ids are the same.
package openai

import (
	"context"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// Patterns are the patterns of http.ServeMux for Serve.
var Patterns = []string{"/v1/vector_stores", "/v1/vector_stores/"}

// callLimit is the maximum time for answering a request.
const callLimit = time.Minute

// Config holds the settings of the API.
type Config struct {
	// Conn is a connection to the gRPC server.
	Conn grpc.ClientConnInterface
	// After returns the page token with which ListDocuments, without a filter, continues after
	// a document of a collection.
	After func(collection, document string) string
}

type api struct {
	search      accordv1.SearchServiceClient
	collections accordv1.CollectionServiceClient
	ingest      accordv1.IngestServiceClient
	after       func(collection, document string) string
}

// Serve returns a function that answers a request, or returns the error of a call that failed.
func Serve(cfg Config) func(http.ResponseWriter, *http.Request) error {
	a := &api{
		accordv1.NewSearchServiceClient(cfg.Conn), accordv1.NewCollectionServiceClient(cfg.Conn),
		accordv1.NewIngestServiceClient(cfg.Conn), cfg.After,
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), callLimit)
		defer cancel()
		c := &call{Context: ctx, r: r, w: w}
		reply, err := a.route(c)
		if err != nil || c.answered {
			return err
		}
		return c.answer(http.StatusOK, reply)
	}
}

// call is a request that is being answered.
type call struct {
	context.Context
	r        *http.Request
	w        http.ResponseWriter
	answered bool
}

// route calls the method for the path of a request.
func (a *api) route(c *call) (any, error) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(c.r.URL.Path, "/v1/vector_stores"), "/"), "/")
	post := c.r.Method == http.MethodPost
	switch n := len(parts); {
	case n == 1 && parts[0] == "":
		return c.get(a.listStores, "", "")
	case n == 1:
		return c.get(a.getStore, parts[0], "")
	case n == 2 && parts[1] == "search" && post:
		return checked(c, a.searchStore, parts[0], "")
	case n == 2 && parts[1] == "search":
		return nil, c.refuse(http.StatusMethodNotAllowed, "a search must be sent with POST")
	case n == 2 && parts[1] == "files":
		return c.get(a.listFiles, parts[0], "")
	case n == 3 && parts[1] == "files":
		return c.get(a.getFile, parts[0], parts[2])
	case n == 4 && parts[1] == "files" && parts[3] == "content":
		return c.get(a.getContent, parts[0], parts[2])
	default:
		return nil, c.refuse(http.StatusNotFound, "there is nothing at this path; docs/openai.md lists the paths")
	}
}

// method answers a request. store and file are the ids in its path, or "".
type method func(c *call, store, file string) (any, error)

// get calls a method that only reads. It refuses requests other than GET and HEAD.
func (c *call) get(m method, store, file string) (any, error) {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return nil, c.refuse(http.StatusMethodNotAllowed, "only reading and searching is possible here; write documents with accord ingest or the API of Accord")
	}
	return checked(c, m, store, file)
}

// checked calls a method if the ids in the path are valid.
func checked(c *call, m method, store, file string) (any, error) {
	if store != "" && !document.ValidID(store) {
		return nil, status.Errorf(codes.NotFound, "there is no vector store %q", clipped(store))
	}
	if file != "" && !document.ValidID(file) {
		return nil, status.Errorf(codes.NotFound, "there is no file %q", clipped(file))
	}
	return m(c, store, file)
}

// clipped returns a text that is short enough for an error.
func clipped(text string) string { return strings.ToValidUTF8(text[:min(len(text), 100)], "") }

// ask calls a method of the gRPC server, and copies the ids of the call and the server's
// version to the headers of the answer.
func ask[Q, A any](c *call, method func(context.Context, Q, ...grpc.CallOption) (A, error), req Q) (A, error) {
	var header metadata.MD
	reply, err := method(c, req, grpc.Header(&header))
	for _, key := range []string{"Accord-Request-Id", "Accord-Version", "Accord-Trace-Id"} {
		if values := header.Get(key); len(values) > 0 {
			c.w.Header().Set(key, values[0])
		}
	}
	if id := c.w.Header().Get("Accord-Request-Id"); id != "" {
		c.w.Header().Set("X-Request-Id", id)
	}
	return reply, err
}
