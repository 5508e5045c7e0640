package main

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"google.golang.org/grpc/resolver"

	"github.com/accord-search/accord/internal/document"
)

// collectionName is the name of a collection, collections/{collection}. Flags of this type
// also accept the id alone.
type collectionName string

// UnmarshalText implements encoding.TextUnmarshaler for kong.
func (n *collectionName) UnmarshalText(text []byte) error {
	name := string(text)
	if name != "" && !strings.Contains(name, "/") {
		name = document.CollectionName(name)
	}
	if _, ok := document.ParseCollectionName(name); name != "" && !ok {
		return fmt.Errorf("%q is not a collection: give its id, 1 to 63 of a-z, 0-9 and inner hyphens, or collections/{id}", text)
	}
	*n = collectionName(name)
	return nil
}

// childName returns the full name of a document or space of the collection, which is given by
// its full name or its id. kind is "documents" or "spaces".
func (n collectionName) childName(kind, nameOrID string) string {
	if strings.Contains(nameOrID, "/") {
		return nameOrID
	}
	return string(n) + "/" + kind + "/" + nameOrID
}

// serverPort is the default port of a server's address.
const serverPort = "50051"

var (
	hostRE = regexp.MustCompile(`^[A-Za-z0-9._:%-]+$`) // host names, IPv4, and IPv6 with its zone
	portRE = regexp.MustCompile(`^[0-9]{1,5}$`)
)

// serverTarget returns the target that gRPC dials for an address: host, host:port,
// http://host:port, https://host:port, or a target of another scheme that gRPC knows, such as
// unix:///run/accord.sock.
func serverTarget(addr string) (string, error) {
	hostPort := addr
	switch scheme, rest, found := strings.Cut(addr, "://"); {
	case found && (scheme == "http" || scheme == "https"):
		hostPort = strings.TrimSuffix(rest, "/")
	case found && resolver.Get(scheme) != nil || strings.HasPrefix(addr, "unix:"):
		return addr, nil
	case found:
		return "", fmt.Errorf("--addr: %q has the unknown scheme %s://: give a host such as localhost, host:port, or https://host:port", addr, scheme)
	}
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil { // addr has no port
		host, port = strings.Trim(hostPort, "[]"), serverPort
	} else if host == "" {
		host = "127.0.0.1"
	}
	if !hostRE.MatchString(host) || !portRE.MatchString(port) {
		return "", fmt.Errorf("--addr: %q is not an address: give a host such as localhost, or host:port", addr)
	}
	return net.JoinHostPort(host, port), nil
}

// moment is a point in time.
type moment struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler for kong.
func (m *moment) UnmarshalText(text []byte) (err error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if m.Time, err = time.Parse(layout, string(text)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%q is not a day or a time such as 2024-05-31 or 2024-05-31T10:00:00Z", text)
}

// databaseURL is the URL of a Postgres database. It contains a password, so no error
// shows it.
type databaseURL string

// UnmarshalText implements encoding.TextUnmarshaler for kong.
func (d *databaseURL) UnmarshalText(text []byte) error {
	scheme, _, found := strings.Cut(string(text), "://")
	if found && schemeRE.MatchString(scheme) && scheme != "postgres" && scheme != "postgresql" {
		return fmt.Errorf("%s:// is not supported: Accord needs Postgres, and a URL that begins with postgres://", scheme)
	}
	*d = databaseURL(text)
	return nil
}

// require returns an error if there is no URL.
func (d databaseURL) require() error {
	if d == "" {
		return errors.New("no database: set ACCORD_DATABASE_URL or --database-url to postgres://…")
	}
	return nil
}

// schemeRE matches the scheme of a URL, but not user:password or host=….
var schemeRE = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)
