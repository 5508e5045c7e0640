// Package httpjson makes requests with JSON bodies to a model server over HTTP, with
// limits, credentials and uniform errors. It also parses vectors. Drivers use it; it does
// not know their wire formats.
package httpjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/telemetry"
)

// maxRefusal bounds how much of an error's answer is read, in bytes. It is more than
// an excerpt shows.
const maxRefusal = 4 << 10

// Endpoint is a server's base URL and the settings to reach it.
type Endpoint struct {
	Base *url.URL
	// APIKey is sent as a bearer token. If it is empty, none is sent.
	APIKey driver.Secret
	// CloseConnections makes each request use a new connection.
	CloseConnections bool
	// HTTP makes the requests; see NewClient.
	HTTP *http.Client
}

// NewClient returns a client for model servers. It keeps at most the given number of idle
// connections to each server. It has no timeout of its own. It does not follow redirects: a
// redirected POST would become a GET, and texts would go to a server that nobody
// configured.
func NewClient(idle int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: 10 * time.Second,
			IdleConnTimeout:     90 * time.Second,
			MaxIdleConnsPerHost: idle,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Root returns e without a trailing /v1 in its path. Servers that speak OpenAI's
// format under /v1 have their own format at the root.
func (e Endpoint) Root() Endpoint {
	base := *e.Base
	base.Path = strings.TrimSuffix(strings.TrimSuffix(base.Path, "/"), "/v1")
	base.RawPath = ""
	e.Base = &base
	return e
}

// Call is one request.
type Call struct {
	Method string
	// Path is joined to the endpoint's base URL.
	Path string
	// Model is shown in errors.
	Model string
	// Body is sent as JSON. If it is nil, no body is sent.
	Body any
	// Limit bounds the answer, in bytes.
	Limit int64
	// Header, if not nil, receives the headers of a successful answer.
	Header *http.Header
}

// ServerName returns base for errors and logs, without credentials and query.
func ServerName(base *url.URL) string {
	return (&url.URL{Scheme: base.Scheme, Host: base.Host, Path: base.Path}).String()
}

// Do makes the call and returns the body of a 2xx answer. Every error is a
// *driver.Error. If the context ended, it wraps the context's error.
func (e *Endpoint) Do(ctx context.Context, call Call) ([]byte, error) {
	req, err := e.request(ctx, call)
	if err != nil {
		return nil, e.Errorf(call.Model, 0, nil, "cannot make the request: %w", err)
	}
	resp, err := e.HTTP.Do(req)
	if err != nil {
		return nil, e.broken(ctx, call, 0, err)
	}
	defer func() { _ = resp.Body.Close() }() // an error does not matter, since the body was read
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, e.refused(call, resp)
	}
	if call.Header != nil {
		*call.Header = resp.Header
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, call.Limit+1))
	if err != nil {
		return nil, e.broken(ctx, call, resp.StatusCode, err)
	}
	if int64(len(body)) > call.Limit {
		return nil, e.Errorf(call.Model, resp.StatusCode, body, "%w: more than %d bytes", driver.ErrMalformed, call.Limit)
	}
	return body, nil
}

// Errorf returns an error for a call with the status and body of its answer. format
// and args describe the cause.
func (e *Endpoint) Errorf(model string, status int, body []byte, format string, args ...any) *driver.Error {
	return &driver.Error{
		Server: ServerName(e.Base),
		Model:  model,
		Status: status,
		Body:   driver.Excerpt(body, e.APIKey),
		Err:    fmt.Errorf(format, args...),
	}
}

func (e *Endpoint) request(ctx context.Context, call Call) (*http.Request, error) {
	var body io.Reader
	if call.Body != nil {
		encoded, err := json.Marshal(call.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, e.Base.JoinPath(call.Path).String(), body)
	if err != nil {
		return nil, err
	}
	req.Close = e.CloseConnections
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if e.APIKey != "" {
		req.Header.Set("Authorization", "Bearer "+string(e.APIKey))
	}
	telemetry.PassOn(ctx, req.Header.Set)
	return req, nil
}

// broken returns the error of a call without a complete answer.
func (e *Endpoint) broken(ctx context.Context, call Call, status int, err error) *driver.Error {
	// the *url.Error around the cause would show the whole URL with its query
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err
	}
	// a read that the context cuts short may fail with another error
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	failure := e.Errorf(call.Model, status, nil, "%w", err)
	failure.Temporary = ctx.Err() == nil
	return failure
}

// refused returns the error of an answer whose status is not 2xx.
func (e *Endpoint) refused(call Call, resp *http.Response) *driver.Error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	return &driver.Error{
		Server:     ServerName(e.Base),
		Model:      call.Model,
		Status:     resp.StatusCode,
		Body:       driver.Excerpt(body, e.APIKey),
		RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now()),
		Temporary:  resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable,
	}
}

// retryAfter parses a Retry-After header: seconds, or a date (RFC 9110, 10.2.3). It
// returns 0 for anything else and for a time in the past.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		// more than a day makes no difference and could overflow
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}
