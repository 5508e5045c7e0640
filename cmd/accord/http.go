package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/server"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/gateway"
	"github.com/accord-search/accord/services/mcp"
	"github.com/accord-search/accord/services/openai"
	v1 "github.com/accord-search/accord/services/v1"
	site "github.com/accord-search/accord/services/web"
)

// defaultHTTPAddr is the HTTP address of serve --local.
const defaultHTTPAddr = "127.0.0.1:8080"

// httpFlags are the flags for serving HTTP.
type httpFlags struct {
	HTTPAddr       string         `name:"http-addr" env:"ACCORD_HTTP_ADDR" help:"Address for HTTP, such as 127.0.0.1:8080: pages to search and read, the API, its description at /docs, MCP at /mcp, OpenAI's vector stores, /metrics, /healthz and /readyz. Off by default; 127.0.0.1:8080 with --local. TLS and credentials are the same as for gRPC. Metrics and health need no credential and have no text of queries or documents."`
	CORSOrigins    []string       `name:"http-cors-origins" sep:"," env:"ACCORD_HTTP_CORS_ORIGINS" help:"Origins whose web pages may call the API, such as https://example.org, separated by commas; * for all. None if empty."`
	TrustedProxies []netip.Prefix `name:"http-trusted-proxies" sep:"," env:"ACCORD_HTTP_TRUSTED_PROXIES" help:"Networks of proxies in front of the server, such as 10.0.0.0/8, separated by commas. If a request comes from one of them, limits apply to the address in X-Forwarded-For."`
}

// listenHTTP opens the listener of --http-addr. It returns nil if the flag is empty. Requests are
// answered until ctx ends.
func (c *serveCmd) listenHTTP(ctx context.Context, log *slog.Logger, srv *server.Server) (*server.HTTP, error) {
	if c.HTTPAddr == "" {
		return nil, nil
	}
	conn, err := srv.DialFor(grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32))) // the server limits the size of replies
	if err != nil {
		return nil, fmt.Errorf("connect to the gRPC server: %w", err)
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	api, err := gateway.New(ctx, gateway.Config{
		Conn: conn, Check: srv.CheckCaller, Hold: srv.Hold, MaxMessageBytes: c.maxMessageBytes(), CORSOrigins: c.CORSOrigins, TrustedProxies: c.TrustedProxies,
		NeedCredential: !c.has("none"), NeedCertificate: c.TLSClientCA != "", Mounts: mounts(conn, log), Logger: log,
	})
	if err != nil {
		return nil, err
	}
	pages, err := c.pages(ctx, log, srv, conn)
	if err != nil {
		return nil, err
	}
	handler := httpHandler(api, pages, c.telemetry.metrics.Handler(), srv.Ready)
	web, err := srv.ListenHTTP(ctx, c.HTTPAddr, handler)
	if c.Local && c.HTTPAddr == defaultHTTPAddr && errors.Is(err, syscall.EADDRINUSE) {
		log.WarnContext(ctx, "the default port for HTTP is in use; using a free one", "in_use", defaultHTTPAddr)
		web, err = srv.ListenHTTP(ctx, "127.0.0.1:0", handler)
	}
	if err == nil {
		log.InfoContext(ctx, "serving HTTP", "flag", "--http-addr", "url", web.URL())
		c.warnOfOpenHTTP(ctx, log)
	}
	return web, err
}

// mounts returns the APIs for other programs, MCP and OpenAI's shape, which call the gRPC
// server over conn.
func mounts(conn *grpc.ClientConn, log *slog.Logger) []gateway.Mount {
	agents := mcp.New(mcp.Config{Conn: conn, Version: versionName(), Collection: document.DefaultCollection, Logger: log})
	return []gateway.Mount{
		{Patterns: []string{"/mcp"}, Method: accordv1.SearchService_Search_FullMethodName, Serve: mcp.Serve(agents)},
		{
			Patterns: openai.Patterns, Method: accordv1.SearchService_Search_FullMethodName, Error: openai.ErrorBody,
			Serve: openai.Serve(openai.Config{Conn: conn, After: v1.DocumentsAfter}),
		},
	}
}

// warnOfOpenHTTP logs what other machines can reach over HTTP without protection.
func (c *serveCmd) warnOfOpenHTTP(ctx context.Context, log *slog.Logger) {
	if lacks := c.missingProtection(c.HTTPAddr); lacks != "" {
		log.WarnContext(ctx, "THIS ADDRESS IS NOT PROTECTED: other machines reach it, and it has no "+lacks, "flag", "--http-addr", "addr", c.HTTPAddr)
	} else if !loopback(c.HTTPAddr) {
		log.WarnContext(ctx, "other machines reach the metrics, which need no credential; keep /metrics from those who are not operators", "flag", "--http-addr", "addr", c.HTTPAddr)
	}
}

// httpHandler serves the pages, the API, metrics and health. ready reports whether the server can
// answer calls.
func httpHandler(api, pages, metrics http.Handler, ready func(context.Context) bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", api)
	for _, pattern := range site.Patterns {
		mux.Handle(pattern, pages)
	}
	mux.Handle("GET /metrics", readWithin(probeLimit, metrics))
	mux.Handle("GET /healthz", readWithin(probeLimit, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })))
	mux.Handle("GET /readyz", readWithin(probeLimit, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ready(r.Context()) {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})))
	return mux
}

// probeLimit is how long a request for metrics or health may last. Anyone may send these.
const probeLimit = 30 * time.Second

// readWithin ends a request if its client has not read the answer within the limit.
func readWithin(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// This fails only for a connection that is not a net.Conn. The limit is gone before the next request.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(limit))
		next.ServeHTTP(w, r)
	})
}

// serveHTTP serves a handler until ctx ends. It does nothing if addr is empty. flag is the
// flag with the address, for errors. path is the path of the URL that the log shows.
func serveHTTP(ctx context.Context, log *slog.Logger, flag, addr, path string, handler http.Handler) error {
	if addr == "" {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, IdleTimeout: time.Minute, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if !loopback(listener.Addr().String()) {
		log.WarnContext(ctx, "THIS ADDRESS IS NOT PROTECTED: other machines reach it, and it has neither TLS nor authentication; let only operators through", "flag", flag, "addr", listener.Addr().String())
	}
	log.InfoContext(ctx, "serving HTTP", "flag", flag, "url", "http://"+listener.Addr().String()+path)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}
