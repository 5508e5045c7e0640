package server

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/credentials"
)

// reloadInterval is the time between two reads of the TLS files.
const reloadInterval = time.Second

// TLSFiles are the PEM files of a server's TLS. They are read again when they change.
type TLSFiles struct {
	Cert, Key string
	// ClientCA has the certificates of the authorities that sign client certificates. If it
	// is empty, clients need no certificate.
	ClientCA string
}

// certificates holds the last valid certificates. Invalid files do not replace them.
type certificates struct {
	files   TLSFiles
	log     *slog.Logger
	current atomic.Pointer[tls.Config]
	// digests of the contents in use, and of the last contents that were different, with
	// the number of consecutive times that these were read
	used, other [sha256.Size]byte
	seen        int
}

// loadCertificates reads the files for the first time.
func loadCertificates(files TLSFiles, log *slog.Logger) (*certificates, error) {
	c := &certificates{files: files, log: log}
	contents, err := c.read()
	if err == nil {
		err = c.use(contents)
	}
	if err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return c, nil
}

func (c *certificates) credentials() credentials.TransportCredentials {
	return credentials.NewTLS(&tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current.Load(), nil },
	})
}

// watch reloads the files when they change, until ctx ends.
func (c *certificates) watch(ctx context.Context) {
	ticks := time.NewTicker(reloadInterval)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			c.reload(ctx)
		}
	}
}

// reload uses the current contents of the files if they have changed and are valid. It logs
// invalid contents only if it reads the same ones twice in succession, and only once. The
// time between two reads is longer than it takes to replace a certificate and then its key.
func (c *certificates) reload(ctx context.Context) {
	contents, err := c.read()
	found := digest(contents, err)
	if found == c.used {
		c.seen = 0
		return
	}
	if found != c.other {
		c.other, c.seen = found, 0
	}
	if c.seen++; c.seen > 2 {
		return
	}
	if err == nil {
		err = c.use(contents)
	}
	switch {
	case err == nil:
		c.log.InfoContext(ctx, "certificates reloaded; new connections use them")
	case c.seen == 2:
		c.log.ErrorContext(ctx, "certificates changed and cannot be used; the old ones stay in use", "error", err)
	}
}

// pemFiles are the contents of the files of TLS.
type pemFiles struct{ cert, key, clientCA []byte }

func digest(contents pemFiles, err error) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%x %x %x %v", contents.cert, contents.key, contents.clientCA, err))
}

func (c *certificates) read() (contents pemFiles, err error) {
	var errCA error
	cert, errCert := os.ReadFile(c.files.Cert)
	key, errKey := os.ReadFile(c.files.Key)
	contents = pemFiles{cert: cert, key: key}
	if c.files.ClientCA != "" {
		contents.clientCA, errCA = os.ReadFile(c.files.ClientCA)
	}
	return contents, errors.Join(errCert, errKey, errCA)
}

// use makes new connections use the given certificates.
func (c *certificates) use(contents pemFiles) error {
	pair, err := tls.X509KeyPair(contents.cert, contents.key)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.files.Cert, c.files.Key, err)
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}}
	if c.files.ClientCA != "" {
		cfg.ClientCAs, cfg.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		// A resumed session would not be checked against a new client CA.
		cfg.SessionTicketsDisabled = true
		if !cfg.ClientCAs.AppendCertsFromPEM(contents.clientCA) {
			return fmt.Errorf("%s: there is no PEM certificate in it", c.files.ClientCA)
		}
	}
	c.current.Store(cfg)
	c.used = digest(contents, nil)
	return nil
}
