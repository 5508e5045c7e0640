package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// newFetch returns a function that reads the key set of a configuration: from a file, from
// a URL, or from the URL in the issuer's discovery document.
func newFetch(cfg TokenConfig) (func(context.Context) ([]byte, error), error) {
	client := newClient()
	switch {
	case cfg.JWKS == "":
		if err := checkURL(cfg.Issuer); err != nil {
			return nil, fmt.Errorf("issuer: %w", err)
		}
		return func(ctx context.Context) ([]byte, error) { return discover(ctx, client, cfg.Issuer) }, nil
	case strings.Contains(cfg.JWKS, "://"):
		if err := checkURL(cfg.JWKS); err != nil {
			return nil, fmt.Errorf("JSON Web Key Set: %w", err)
		}
		return func(ctx context.Context) ([]byte, error) { return get(ctx, client, cfg.JWKS) }, nil
	default:
		read := func(context.Context) ([]byte, error) { return os.ReadFile(cfg.JWKS) }
		content, err := read(context.Background())
		if err == nil {
			_, err = parseKeySet(content)
		}
		return read, err
	}
}

// newClient returns an HTTP client that does not trust the provider: it limits the size and
// time of answers and checks where redirects lead.
func newClient() *http.Client {
	return &http.Client{
		Timeout:   fetchLimit,
		Transport: limitedTransport{http.DefaultTransport},
		CheckRedirect: func(r *http.Request, earlier []*http.Request) error {
			if len(earlier) > 3 {
				return errors.New("there are too many redirects")
			}
			return checkURL(r.URL.String())
		},
	}
}

// limitedTransport limits the size of answers.
type limitedTransport struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.base.RoundTrip(r)
	if err == nil {
		answer.Body = http.MaxBytesReader(nil, answer.Body, maxKeySetBytes)
	}
	return answer, err
}

// checkURL returns an error unless a URL uses HTTPS, or HTTP on the loopback interface.
// Otherwise an attacker could replace the keys in transit and sign tokens.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("it is not a URL")
	}
	if u.Scheme == "https" && u.Host != "" || u.Scheme == "http" && IsLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%s must begin with https://, or be on the loopback interface", u.Redacted())
}

// IsLoopback reports whether a host is localhost or a loopback address.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// discover reads the key set of an issuer.
func discover(ctx context.Context, client *http.Client, issuer string) ([]byte, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), issuer)
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	var document struct {
		URL string `json:"jwks_uri"`
	}
	if err := provider.Claims(&document); err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	if err := checkURL(document.URL); err != nil {
		return nil, fmt.Errorf("discovery: jwks_uri: %w", err)
	}
	return get(ctx, client, document.URL)
}

func get(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("JSON Web Key Set: the server answered %s", answer.Status)
	}
	return io.ReadAll(answer.Body)
}
