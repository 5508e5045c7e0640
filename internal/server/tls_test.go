package server

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// writeCertificate writes a new self-signed certificate and its key.
func writeCertificate(t *testing.T, files TLSFiles, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "accord"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, files.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	writeFile(t, files.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func newFiles(t *testing.T) TLSFiles {
	t.Helper()
	dir := t.TempDir()
	return TLSFiles{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

// presented returns the serial number of the certificate that a new connection gets.
func presented(t *testing.T, c *certificates) int64 {
	t.Helper()
	server, client := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer server.Close()
		_, _, _ = c.credentials().ServerHandshake(server) // the client sees how it ended
	}()
	conn := tls.Client(client, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	err := conn.HandshakeContext(t.Context())
	client.Close()
	<-done
	if err != nil {
		t.Fatal(err)
	}
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// TestReloadCertificates checks that new files are used, that the old ones stay in use while
// the new ones are invalid, and that invalid ones are logged once.
func TestReloadCertificates(t *testing.T) {
	t.Parallel()
	files := newFiles(t)
	writeCertificate(t, files, 1)
	var log bytes.Buffer
	c, err := loadCertificates(files, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	reload := func(times int, serial int64, errors int) {
		t.Helper()
		for range times {
			c.reload(context.Background())
		}
		if got := presented(t, c); got != serial {
			t.Errorf("certificate %d is presented, want %d", got, serial)
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != errors {
			t.Errorf("%d errors in the log, want %d: %s", n, errors, &log)
		}
	}
	reload(3, 1, 0)
	writeFile(t, files.Key, []byte("half a key"))
	reload(1, 1, 0) // perhaps the key is being written
	reload(4, 1, 1)
	writeCertificate(t, files, 2)
	reload(1, 2, 1)
	if err := os.Remove(files.Cert); err != nil {
		t.Fatal(err)
	}
	reload(4, 2, 2)
}

// TestInvalidCertificates checks that a server does not start with files that it cannot use.
func TestInvalidCertificates(t *testing.T) {
	t.Parallel()
	whole := newFiles(t)
	writeCertificate(t, whole, 1)
	other := newFiles(t)
	writeCertificate(t, other, 2)
	for name, files := range map[string]TLSFiles{
		"no file":             {Cert: whole.Cert, Key: filepath.Join(t.TempDir(), "missing")},
		"another key":         {Cert: whole.Cert, Key: other.Key},
		"client CA is no CA":  {Cert: whole.Cert, Key: whole.Key, ClientCA: whole.Key},
		"client CA not there": {Cert: whole.Cert, Key: whole.Key, ClientCA: filepath.Join(t.TempDir(), "missing")},
	} {
		if _, err := loadCertificates(files, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if c, err := loadCertificates(TLSFiles{Cert: whole.Cert, Key: whole.Key, ClientCA: other.Cert}, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	} else if cfg := c.current.Load(); cfg.ClientAuth != tls.RequireAndVerifyClientCert || !cfg.SessionTicketsDisabled {
		t.Error("clients need no certificate")
	}
}

// TestServeWithTLS checks that a running server reads a new certificate by itself, that a
// connection within the process needs none, and that calls, panics and health are observed.
func TestServeWithTLS(t *testing.T) {
	t.Parallel()
	files := newFiles(t)
	writeCertificate(t, files, 1)
	var calls, panics atomic.Int64
	var observe Observer
	observe.Unary = func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		calls.Add(1)
		return next(ctx, req)
	}
	observe.Stream = func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		return next(srv, stream)
	}
	observe.Panicked = func() { panics.Add(1) }
	srv, err := New(t.Context(), complete(Config{TLS: &files, Observe: observe}, func(context.Context) error { panic("broken") }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx) }()
	inner, err := srv.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	err = inner.Invoke(t.Context(), "/test.Test/Call", &emptypb.Empty{}, &emptypb.Empty{})
	if status.Code(err) != codes.Internal || calls.Load() != 1 || panics.Load() != 1 {
		t.Errorf("call within the process: %v; %d calls and %d panics observed", err, calls.Load(), panics.Load())
	}
	serial := func() int64 {
		conn, err := tls.Dial("tcp", srv.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		got := conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
		_ = conn.Close()
		return got
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d is presented first", got)
	}
	writeCertificate(t, files, 2)
	for end := time.Now().Add(patience); serial() != 2; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the new certificate is not presented")
		}
	}
	if !srv.Ready(t.Context()) {
		t.Error("the server is not ready, though no health check fails")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
