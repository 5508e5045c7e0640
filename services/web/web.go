// Package web serves pages for people: search, a reader that shows a cited sentence in its
// document, and administration. Each page calls the gRPC server over a connection within the
// process, as package gateway does, so credentials, limits and metrics are the same. The pages
// work without their script, and load nothing from other servers.
package web

import (
	"context"
	"crypto/cipher"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// Config holds the settings of the pages.
type Config struct {
	// Conn is a connection to the gRPC server. The server uses the metadata server.PeerKey as
	// the address of the caller.
	Conn *grpc.ClientConn
	// Health is a connection that needs no credential, for the health of the services.
	Health *grpc.ClientConn
	// Check checks the caller of a method, whose credential is in the incoming metadata of ctx.
	Check func(ctx context.Context, method string) error
	// Import reads the files and writes their documents to a collection, with the outgoing
	// metadata of ctx. It writes a line of JSON about each document to documents, and the rest
	// of its report to notes as lines of text. It returns an error if it ended early, but not
	// for documents that failed.
	Import func(ctx context.Context, collection string, files []string, documents, notes io.Writer) error
	// NeedCredential reports whether callers need a credential, so that the pages offer a login.
	NeedCredential bool
	// NeedCertificate reports whether callers need a client certificate.
	NeedCertificate bool
	// TrustedProxies are the networks of the proxies whose X-Forwarded-For and
	// X-Forwarded-Proto are trusted.
	TrustedProxies []netip.Prefix
	// Logger logs panics, and errors of templates.
	Logger *slog.Logger
}

const (
	// callTime limits the calls for one page. The gRPC server has a shorter limit of its own.
	callTime = 2 * time.Minute
	// writeTime limits how long a browser may take for a page, or for a part of one that is
	// sent in parts.
	writeTime = time.Minute
	// maxPages is the maximum number of pages that are made at the same time. Each may hold a
	// document, which has at most 4 MiB by default.
	maxPages = 32
	// maxUnread limits the memory in bytes of the pages that browsers have not read yet. Pages of
	// up to shortPage bytes have a limit of the same size to themselves, so that visitors who
	// read long pages slowly do not keep others from the search.
	maxUnread = 256 << 20
	shortPage = 128 << 10
	// visitSize is about the memory in bytes that a request takes besides its page. With HTTP/2,
	// a connection may have many.
	visitSize = 16 << 10
)

// site is the handler of the pages.
type site struct {
	cfg         Config
	templates   *template.Template
	sealer      cipher.AEAD   // encrypts the cookie with the credential
	pages       chan struct{} // has a value for each page that is being made
	unread      atomic.Int64  // memory of the long pages that are being sent
	unreadShort atomic.Int64  // memory of the short pages that are being sent
	imports     chan struct{} // has a value for each running import
	search      accordv1.SearchServiceClient
	ingest      accordv1.IngestServiceClient
	collections accordv1.CollectionServiceClient
	spaces      accordv1.SpaceServiceClient
	server      accordv1.ServerServiceClient
}

// Patterns are the patterns of http.ServeMux that belong to the pages.
var Patterns = []string{"/{$}", "/read/", "/admin", "/admin/", "/login", "/logout", "/assets/"}

// New returns the handler of the pages.
func New(cfg Config) (http.Handler, error) {
	s := &site{
		cfg: cfg, pages: make(chan struct{}, maxPages), imports: make(chan struct{}, maxImports),
		search: accordv1.NewSearchServiceClient(cfg.Conn), ingest: accordv1.NewIngestServiceClient(cfg.Conn),
		collections: accordv1.NewCollectionServiceClient(cfg.Conn), spaces: accordv1.NewSpaceServiceClient(cfg.Conn),
		server: accordv1.NewServerServiceClient(cfg.Conn),
	}
	var err error
	if s.sealer, err = newSealer(); err != nil {
		return nil, fmt.Errorf("key of the login's cookie: %w", err)
	}
	if s.templates, err = parseTemplates(); err != nil {
		return nil, err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /{$}", s.page(s.searchPage))
	routes.HandleFunc("GET /read/collections/{collection}/documents/{document}", s.page(s.readPage))
	routes.HandleFunc("GET /admin", s.page(s.adminPage))
	routes.HandleFunc("POST /admin/import", s.handle(s.importFiles))
	routes.HandleFunc("GET /login", s.page(s.loginPage))
	routes.HandleFunc("POST /login", arrived(s.page(s.logIn)))
	routes.HandleFunc("POST /logout", s.page(s.logOut))
	routes.HandleFunc("/", s.page(func(*visit) error { return errNoPage }))
	addAssets(routes)
	// A page of another site may not post: otherwise it could log people in, or import files in
	// their name.
	return s.secured(http.NewCrossOriginProtection().Handler(routes)), nil
}

// contentPolicy lets the pages use only their own style sheet, script and picture, and lets no
// other page embed them.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secured sets the headers of all answers, and limits their time.
func (s *site) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy": contentPolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			w.Header().Set(name, value)
		}
		limits := http.NewResponseController(w)
		if r.Body != http.NoBody { // without a body, the limit would end the request while it is answered
			_ = limits.SetReadDeadline(time.Now().Add(writeTime)) // fails only for a connection that is not a net.Conn
		}
		_ = limits.SetWriteDeadline(time.Now().Add(callTime + writeTime))
		next.ServeHTTP(w, r)
		// The end of the answer is sent before the limit is taken away. The next request sets its
		// own.
		_ = limits.Flush() // fails if the client is gone
		// The limit for reading stays: net/http waits for the part of a body that was not read.
		_ = limits.SetWriteDeadline(time.Time{})
	})
}

// visit is one request for a page.
type visit struct {
	w    http.ResponseWriter
	r    *http.Request
	ctx  context.Context // for calls: it has the caller's credential and address
	site *site
	code int    // status of the page
	page []byte // the page that was made, which is not sent yet
}

// page turns a function that makes a page, or fails, into a handler. A page takes one of
// maxPages places while it is made. It gives the place back before it is sent, since a browser
// may read slowly.
func (s *site) page(build func(*visit) error) http.HandlerFunc {
	return s.handle(func(v *visit) error {
		select {
		case s.pages <- struct{}{}:
			defer func() { <-s.pages }()
			return build(v)
		default:
			return errBusy
		}
	})
}

// handle turns a function that answers a visit, or fails, into a handler.
func (s *site) handle(answer func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, ctx: r.Context(), site: s}
		err := guard.Call(func() error {
			ctx, cancel := context.WithTimeout(r.Context(), callTime)
			defer cancel()
			if err := checkRequest(s.cfg, r); err != nil {
				return err
			}
			v.ctx = s.asCaller(ctx, r)
			return answer(v)
		})
		if err != nil {
			v.fail(err)
		}
		v.send()
	}
}

// send sends the page, if there is one.
func (v *visit) send() {
	if v.page == nil {
		return
	}
	unread := &v.site.unread
	if len(v.page) <= shortPage {
		unread = &v.site.unreadShort
	}
	size := int64(len(v.page)) + visitSize
	defer unread.Add(-size)
	if unread.Add(size) > maxUnread {
		v.fail(errBusy)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(v.code)
	if v.r.Method != http.MethodHead {
		_ = http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(writeTime)) // fails only for a connection that is not a net.Conn
		_, _ = v.w.Write(v.page)                                                        // fails if the client is gone
	}
}
