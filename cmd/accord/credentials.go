package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/embed/driver"
)

// credentialFlags hold the client's credentials and the trusted certificates.
type credentialFlags struct {
	TLS        bool          `name:"tls" env:"ACCORD_TLS" help:"Connect with TLS. --ca, --cert and --key imply it."`
	CA         string        `name:"ca" env:"ACCORD_TLS_CA" help:"PEM file of the authorities to trust for the server's certificate; those of the system if empty."`
	Cert       string        `name:"cert" env:"ACCORD_TLS_CLIENT_CERT" help:"PEM file of a client certificate, for servers that ask for one."`
	Key        string        `name:"key" env:"ACCORD_TLS_CLIENT_KEY" help:"PEM file of the key of --cert."`
	APIKey     driver.Secret `name:"api-key" env:"ACCORD_API_KEY" help:"API key or JWT. Other users of this machine may see flags, so the variable or --api-key-file is better. Never logged."`
	APIKeyFile string        `name:"api-key-file" env:"ACCORD_API_KEY_FILE" help:"File with the API key or JWT."`
	Insecure   bool          `help:"Send the API key to another machine even without TLS."`
}

// dialOptions returns the gRPC options with the credentials for an address.
func (f credentialFlags) dialOptions(addr string) ([]grpc.DialOption, error) {
	key, err := f.credential()
	if err != nil {
		return nil, err
	}
	transport, secure := insecure.NewCredentials(), f.secure()
	if secure {
		if transport, err = f.transport(); err != nil {
			return nil, err
		}
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(transport)}
	if key == "" {
		return options, nil
	}
	if !secure && !f.Insecure && !onThisMachine(addr) {
		return nil, fmt.Errorf("the API key is not sent to %s without TLS, since others could read it on the way: add --tls, or --insecure to send it anyway", addr)
	}
	return append(options, grpc.WithPerRPCCredentials(bearer{key: string(key), secure: secure})), nil
}

// secure reports whether the client connects with TLS.
func (f credentialFlags) secure() bool { return f.TLS || f.CA != "" || f.Cert != "" || f.Key != "" }

// credential returns the API key or JWT, or "" for none.
func (f credentialFlags) credential() (driver.Secret, error) {
	key := f.APIKey
	if f.APIKeyFile != "" {
		if key != "" {
			return "", errors.New("--api-key and --api-key-file (or their variables) are both set; leave one out")
		}
		content, err := os.ReadFile(f.APIKeyFile)
		if err != nil {
			return "", fmt.Errorf("--api-key-file: %w", err)
		}
		if key = driver.Secret(strings.TrimSpace(string(content))); key == "" {
			return "", fmt.Errorf("--api-key-file: %s is empty", f.APIKeyFile)
		}
	}
	if strings.ContainsFunc(string(key), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("the API key has a space or a character that no key has; check that it is complete")
	}
	return key, nil
}

// transport returns the TLS credentials of the client.
func (f credentialFlags) transport() (credentials.TransportCredentials, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.CA != "" {
		content, err := os.ReadFile(f.CA)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("--ca: there is no PEM certificate in %s", f.CA)
		}
	}
	if f.Cert != "" || f.Key != "" {
		if f.Cert == "" || f.Key == "" {
			return nil, errors.New("a client certificate needs both --cert and --key (or their variables)")
		}
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return nil, fmt.Errorf("--cert and --key: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(cfg), nil
}

// onThisMachine reports whether the address of a server is on the loopback interface or a
// Unix socket.
func onThisMachine(addr string) bool {
	if strings.HasPrefix(addr, "unix:") {
		return true
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	return auth.IsLoopback(strings.Trim(host, "[]"))
}

// bearer sends a credential with each call.
type bearer struct {
	key    string
	secure bool
}

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.key}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (b bearer) RequireTransportSecurity() bool { return b.secure }
