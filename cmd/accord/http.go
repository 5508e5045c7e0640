package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// httpHandler serves metrics and health. ready reports whether the server can answer calls.
func httpHandler(metrics http.Handler, ready func(context.Context) bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if !ready(r.Context()) {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	return mux
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
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
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
