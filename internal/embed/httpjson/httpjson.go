// Package httpjson is one exchange with a model server over HTTP with JSON
// bodies: its bounds, its credentials and its errors, and the numbers of a vector.
// It knows no wire format; drivers build on it.
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
)

// maxRefusal bounds, in bytes, what is read of an answer that is an error: more
// than an excerpt shows.
const maxRefusal = 4 << 10

// Endpoint is the base URL of a server, and how to reach it.
type Endpoint struct {
	Base *url.URL
	// APIKey is sent as a bearer token; empty sends none.
	APIKey driver.Secret
	// CloseConnections gives each request a connection of its own.
	CloseConnections bool
	// HTTP makes the requests; see NewClient.
	HTTP *http.Client
}

// NewClient returns a client for model servers that keeps up to idle
// connections to each. It has no timeout of its own, and does not follow
// redirects: a POST that is redirected arrives as a GET, and the texts would go
// to a server that nobody chose.
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

// Root returns e without a /v1 at the end of its path: servers that speak OpenAI's
// format there have their own beside it.
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
	// Model is named in errors.
	Model string
	// Body is sent as JSON; nil sends none.
	Body any
	// Limit bounds the answer in bytes.
	Limit int64
	// Header gets the headers of a successful answer; nil drops them.
	Header *http.Header
}

// ServerName returns base as errors and logs may show it: without credentials
// and query.
func ServerName(base *url.URL) string {
	return (&url.URL{Scheme: base.Scheme, Host: base.Host, Path: base.Path}).String()
}

// Do makes the call and returns the body of a 2xx answer. Every error is a
// *driver.Error; one that ended with the context wraps the context's error.
func (e *Endpoint) Do(ctx context.Context, call Call) ([]byte, error) {
	req, err := e.request(ctx, call)
	if err != nil {
		return nil, e.Errorf(call.Model, 0, nil, "cannot make the request: %w", err)
	}
	resp, err := e.HTTP.Do(req)
	if err != nil {
		return nil, e.broken(ctx, call, 0, err)
	}
	defer func() { _ = resp.Body.Close() }() // only read: nothing is lost
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

// Errorf returns the error of an exchange that ended with the given status and
// body, with the cause that format and args say.
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
	return req, nil
}

// broken is an exchange that ended without a whole answer.
func (e *Endpoint) broken(ctx context.Context, call Call, status int, err error) *driver.Error {
	// The *url.Error around the cause shows the whole URL, query included.
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err
	}
	// A read that the context cut short may fail with an error of its own.
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	failure := e.Errorf(call.Model, status, nil, "%w", err)
	failure.Temporary = ctx.Err() == nil
	return failure
}

// refused is an answer with another status than success.
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

// retryAfter reads the header of that name: seconds, or a date (RFC 9110,
// 10.2.3). Anything else, and a time past, is 0.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		// A day is as good as never, and cannot overflow.
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}
