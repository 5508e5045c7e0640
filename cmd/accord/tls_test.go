package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// authority signs certificates.
type authority struct {
	folder string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	issued int64
}

// pair has the PEM files of a certificate, its key and its authority.
type pair struct{ cert, key, ca string }

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{folder: t.TempDir()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert, a.key = a.sign(t, template, nil, nil)
	a.write(t, "ca.pem", "CERTIFICATE", a.cert.Raw)
	return a
}

func (a *authority) sign(t *testing.T, template, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func (a *authority) write(t *testing.T, file, kind string, der []byte) string {
	t.Helper()
	return writeFile(t, a.folder, file, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

// issue writes a certificate for a name and 127.0.0.1. It replaces an earlier certificate
// of that name.
func (a *authority) issue(t *testing.T, name string) pair {
	t.Helper()
	a.issued++
	cert, key := a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(1 + a.issued), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a.cert, a.key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{
		cert: a.write(t, name+".pem", "CERTIFICATE", cert.Raw), key: a.write(t, name+".key", "PRIVATE KEY", der), ca: filepath.Join(a.folder, "ca.pem"),
	}
}

// serveTLS runs a server with TLS.
func serveTLS(t *testing.T, flags ...string) (addr string, log *output) {
	t.Helper()
	url := embedtest.Serve(t, newModel()).URL
	return serveLogged(t, append([]string{"--database-url", storetest.URL(t), "--embedding-url", url}, flags...)...)
}

// list makes a call over a new connection.
func list(t *testing.T, addr string, flags credentialFlags) error {
	t.Helper()
	conn, err := clientFlags{Addr: addr, credentialFlags: flags}.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err = accordv1.NewIngestServiceClient(conn).RetryFailedDocuments(ctx, &accordv1.RetryFailedDocumentsRequest{}) // the client does not retry this method
	if status.Code(err) == codes.NotFound {
		return nil
	}
	return err
}

func TestTLS(t *testing.T) {
	t.Parallel()
	a, strange := newAuthority(t), newAuthority(t)
	server := a.issue(t, "localhost")
	addr, _ := serveTLS(t, "--tls-cert", server.cert, "--tls-key", server.key)
	for _, test := range []struct {
		what  string
		flags credentialFlags
		says  string
	}{
		{"right", credentialFlags{CA: server.ca}, ""},
		{"without TLS", credentialFlags{}, "does not answer without TLS"},
		{"another authority", credentialFlags{CA: filepath.Join(strange.folder, "ca.pem")}, "certificate signed by unknown authority"},
		{"authorities of the system", credentialFlags{TLS: true}, "certificate signed by unknown authority"},
	} {
		err := list(t, addr, test.flags)
		if test.says == "" && err != nil || test.says != "" && (status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: %v, want %q", test.what, err, test.says)
		}
	}
	if version, err := handshake(addr, tls.VersionTLS10, tls.VersionTLS11); err == nil {
		t.Errorf("the server accepts version %x", version)
	}
	for limit, want := range map[uint16]uint16{0: tls.VersionTLS13, tls.VersionTLS12: tls.VersionTLS12} {
		if version, err := handshake(addr, 0, limit); err != nil || version != want {
			t.Errorf("up to version %x: version %x, error %v; want %x", limit, version, err, want)
		}
	}
}

// handshake returns the version of TLS that the server chooses.
func handshake(addr string, least, most uint16) (version uint16, err error) {
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MinVersion: least, MaxVersion: most, NextProtos: []string{"h2"}})
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState().Version, nil
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	a, strange := newAuthority(t), newAuthority(t)
	server, client, wrong := a.issue(t, "localhost"), a.issue(t, "client"), strange.issue(t, "client")
	clientCA := a.write(t, "client-ca.pem", "CERTIFICATE", a.cert.Raw)
	addr, log := serveTLS(t, "--tls-cert", server.cert, "--tls-key", server.key, "--tls-client-ca", clientCA, "--seed", small(t))
	if err := list(t, addr, credentialFlags{CA: server.ca, Cert: client.cert, Key: client.key}); err != nil {
		t.Errorf("with the right certificate: %v", err)
	}
	for _, test := range []struct {
		what  string
		flags credentialFlags
		says  string
	}{
		{"no certificate", credentialFlags{CA: server.ca}, "--cert and --key"},
		{"of another authority", credentialFlags{CA: server.ca, Cert: wrong.cert, Key: wrong.key}, "it may not accept the certificate " + wrong.cert},
		{"without TLS", credentialFlags{}, ""},
	} {
		if err := list(t, addr, test.flags); status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want UNAVAILABLE and %q", test.what, err, test.says)
		}
	}
	eventually(t, func() bool { return strings.Contains(log.String(), "documents: 3 new") }) // the server has ingested its seeds

	a.write(t, "client-ca.pem", "CERTIFICATE", strange.cert.Raw)
	eventually(t, func() bool {
		return list(t, addr, credentialFlags{CA: server.ca, Cert: wrong.cert, Key: wrong.key}) == nil
	})
	if err := list(t, addr, credentialFlags{CA: server.ca, Cert: client.cert, Key: client.key}); status.Code(err) != codes.Unavailable {
		t.Errorf("a certificate of the old authority: %v, want UNAVAILABLE", err)
	}
}

// TestCertificatesReload: while certificates are replaced, no call fails, and new
// connections get the new certificate. An invalid certificate changes nothing and is logged
// once.
func TestCertificatesReload(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	server := a.issue(t, "localhost")
	addr, log := serveTLS(t, "--tls-cert", server.cert, "--tls-key", server.key)
	serial := func() int64 {
		conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			if err := list(t, addr, credentialFlags{CA: server.ca}); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	for range 2 {
		a.issue(t, "localhost")
		eventually(t, func() bool { return serial() == a.issued+1 })
	}
	if err := os.WriteFile(server.cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	const broken = "certificates changed and cannot be used"
	eventually(t, func() bool { return strings.Contains(log.String(), broken) })
	time.Sleep(3 * time.Second) // long enough for several checks of the invalid file
	if n := strings.Count(log.String(), broken); n != 1 {
		t.Errorf("the broken certificate is told %d times", n)
	}
	if got := serial(); got != a.issued+1 {
		t.Errorf("certificate %d is in use, want the last good one, %d", got, a.issued+1)
	}
	a.issue(t, "localhost")
	eventually(t, func() bool { return serial() == a.issued+1 })
	stop()
	if err := <-ended; err != nil {
		t.Errorf("a call while certificates changed: %v", err)
	}
}
