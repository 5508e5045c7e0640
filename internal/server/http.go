package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// HTTP is a server of HTTP with the same certificates and limits as the gRPC server.
type HTTP struct {
	server   *Server
	listener net.Listener
	http     *http.Server
}

// bodyLimit bounds the time in which a request over HTTP arrives.
const bodyLimit = time.Minute

// ListenHTTP opens a listener for a handler. With mutual TLS, it asks clients for a certificate,
// and checks the certificate if a client sends one. The handler decides whether a request needs
// a certificate.
func (s *Server) ListenHTTP(ctx context.Context, addr string, handler http.Handler) (*HTTP, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for HTTP on %s (use --http-addr for another address): %w", addr, err)
	}
	h := &HTTP{
		server: s, listener: newBoundedListener(listener, maxConnections, maxConnectionsPerHost),
		http: &http.Server{
			Handler: handler, ReadHeaderTimeout: handshakeLimit, IdleTimeout: maxIdle, MaxHeaderBytes: maxHeaderBytes,
			// A handler may give a body more time. This limit also ends the rest of a body that a
			// handler does not read, for which net/http waits.
			ReadTimeout: min(s.cfg.DefaultTimeout, bodyLimit),
			ErrorLog:    slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelDebug),
		},
	}
	if s.certificates != nil {
		h.http.TLSConfig = s.certificates.forHTTP()
	}
	return h, nil
}

// URL returns the URL of the server, such as http://127.0.0.1:8080.
func (h *HTTP) URL() string {
	scheme := "http://"
	if h.server.certificates != nil {
		scheme = "https://"
	}
	return scheme + h.listener.Addr().String()
}

// Serve answers requests until ctx ends. Then it accepts no new requests. It returns when those
// in progress are finished, at the latest after StopTimeout.
func (h *HTTP) Serve(ctx context.Context) error {
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.server.cfg.StopTimeout)
		defer cancel()
		if h.http.Shutdown(limited) != nil {
			_ = h.http.Close()
		}
	})
	var err error
	if h.server.certificates != nil {
		err = h.http.ServeTLS(h.listener, "", "")
	} else {
		err = h.http.Serve(h.listener)
	}
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve HTTP: %w", err)
}

// forHTTP returns the TLS configuration of the HTTP server.
func (c *certificates) forHTTP() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			cfg := c.current.Load().Clone()
			cfg.NextProtos = []string{"h2", "http/1.1"}
			if cfg.ClientCAs != nil {
				cfg.ClientAuth = tls.VerifyClientCertIfGiven
			}
			return cfg, nil
		},
	}
}
