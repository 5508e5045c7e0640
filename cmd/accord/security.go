package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/server"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/services/access"
)

// securityFlags configure TLS, authentication and access.
type securityFlags struct {
	TLSCert     string `name:"tls-cert" env:"ACCORD_TLS_CERT" help:"PEM file of the server's certificate, with its chain; turns TLS on. This file and the next two are read again when they change."`
	TLSKey      string `name:"tls-key" env:"ACCORD_TLS_KEY" help:"PEM file of the key of --tls-cert."`
	TLSClientCA string `name:"tls-client-ca" env:"ACCORD_TLS_CLIENT_CA" help:"PEM file of the authorities that sign the certificates of clients; turns mutual TLS on."`

	Auth                 []string `sep:"," env:"ACCORD_AUTH" help:"Credentials that callers must send: keys (API keys of accord key), oidc (JWTs), keys,oidc (either) or none (everyone is let in). If it is not set: oidc with --oidc-issuer, otherwise none."`
	OIDCIssuer           string   `name:"oidc-issuer" env:"ACCORD_OIDC_ISSUER" help:"Issuer of JWTs, a URL."`
	OIDCAudience         string   `name:"oidc-audience" env:"ACCORD_OIDC_AUDIENCE" help:"Audience that a JWT must have."`
	JWKS                 string   `name:"jwks" env:"ACCORD_JWKS" help:"File or URL of the issuer's signing keys, a JSON Web Key Set; found through OpenID Connect discovery if empty."`
	OIDCAlgorithms       []string `name:"oidc-algorithms" sep:"," default:"RS256,PS256,ES256,ES384,EdDSA" env:"ACCORD_OIDC_ALGORITHMS" help:"Accepted signature algorithms of JWTs."`
	OIDCRoleClaim        string   `name:"oidc-role-claim" default:"accord_role" env:"ACCORD_OIDC_ROLE_CLAIM" help:"Claim that has a role (read, write or admin) or a list of roles, whose highest counts. A path such as realm_access.roles names a field of an object."`
	OIDCCollectionsClaim string   `name:"oidc-collections-claim" env:"ACCORD_OIDC_COLLECTIONS_CLAIM" help:"Claim with the collections that a JWT may use: ids, and prefixes with an asterisk. If it is set, a JWT without the claim may use none; if it is not set, every JWT may use all."`

	NoReflection bool `env:"ACCORD_NO_REFLECTION" help:"Turn off server reflection, which lets clients such as grpcurl read the API's description. Without this flag, reflection needs a credential if --auth is on."`
	Insecure     bool `env:"ACCORD_INSECURE" help:"Listen on addresses that other machines reach even without TLS or without credentials."`
}

// checkSecurity checks that the flags fit the addresses that the server listens on.
func (f *securityFlags) checkSecurity(grpcAddr, httpAddr, pprofAddr string) error {
	kinds := f.kinds()
	for _, kind := range kinds {
		if !slices.Contains([]string{"keys", "oidc", "none"}, kind) || kind == "none" && len(kinds) > 1 {
			return fmt.Errorf("--auth must be keys, oidc, keys,oidc or none, not %q", strings.Join(kinds, ","))
		}
	}
	switch {
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key must be set together")
	case f.TLSClientCA != "" && f.TLSCert == "":
		return errors.New("--tls-client-ca needs --tls-cert and --tls-key")
	case f.has("oidc") && (f.OIDCIssuer == "" || f.OIDCAudience == ""):
		return errors.New("--auth oidc needs --oidc-issuer and --oidc-audience")
	case !f.has("oidc") && (f.OIDCIssuer != "" || f.OIDCAudience != "" || f.JWKS != ""):
		return errors.New("--oidc-issuer, --oidc-audience and --jwks need --auth oidc, and an issuer")
	}
	for _, listens := range []struct{ flag, addr string }{{"--grpc-addr", grpcAddr}, {"--http-addr", httpAddr}} {
		if lacks := f.missingProtection(listens.addr); listens.addr != "" && lacks != "" && !f.Insecure {
			return fmt.Errorf("%s %s is reached from other machines, and the server has no %s: set --tls-cert and --tls-key, and --auth or --tls-client-ca; or listen on 127.0.0.1; or add --insecure",
				listens.flag, listens.addr, lacks)
		}
	}
	if pprofAddr != "" && !strings.HasPrefix(pprofAddr, ":") && !loopback(pprofAddr) && !f.Insecure {
		return fmt.Errorf("--pprof-addr %s is reached from other machines, and profiles have neither TLS nor authentication: listen on 127.0.0.1, or add --insecure", pprofAddr)
	}
	return nil
}

// kinds returns the kinds of credentials that the server accepts, or only "none" if it requires
// none.
func (f *securityFlags) kinds() []string {
	switch {
	case len(f.Auth) > 0:
		return f.Auth
	case f.OIDCIssuer != "":
		return []string{"oidc"}
	default:
		return []string{"none"}
	}
}

func (f *securityFlags) has(kind string) bool { return slices.Contains(f.kinds(), kind) }

// missingProtection returns the protection that a server on an address needs and lacks, or "". On
// the loopback interface it needs none. Mutual TLS counts as authentication.
func (f *securityFlags) missingProtection(addr string) string {
	var lacks []string
	if f.TLSCert == "" {
		lacks = append(lacks, "TLS")
	}
	if f.has("none") && f.TLSClientCA == "" {
		lacks = append(lacks, "authentication")
	}
	if loopback(addr) {
		return ""
	}
	return strings.Join(lacks, " and no ")
}

// loopback reports whether only this machine can reach an address to listen on.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && auth.IsLoopback(host)
}

// secure adds TLS and access control to the configuration of a server.
func (f *securityFlags) secure(ctx context.Context, cfg *server.Config, db *store.Store) error {
	log := cfg.Logger
	if f.TLSCert != "" {
		cfg.TLS = &server.TLSFiles{Cert: f.TLSCert, Key: f.TLSKey, ClientCA: f.TLSClientCA}
	}
	cfg.NoReflection = f.NoReflection
	if lacks := f.missingProtection(cfg.Addr); lacks != "" {
		log.WarnContext(ctx, "THE SERVER IS NOT PROTECTED: other machines reach it, and it has no "+lacks, "addr", cfg.Addr)
	}
	if f.has("none") {
		return nil
	}
	var checker auth.Authenticator
	if f.has("keys") {
		checker.Keys = auth.NewKeys(db, log)
	}
	if f.has("oidc") {
		tokens, err := auth.NewTokens(auth.TokenConfig{
			Issuer: f.OIDCIssuer, Audience: f.OIDCAudience, JWKS: f.JWKS, Algorithms: f.OIDCAlgorithms,
			RoleClaim: f.OIDCRoleClaim, CollectionsClaim: f.OIDCCollectionsClaim, Logger: log,
		})
		if err != nil {
			return fmt.Errorf("--auth oidc: %w", err)
		}
		checker.Tokens = tokens
	}
	guard := access.New(checker, log)
	cfg.Access = server.Interceptors{Early: guard.Early, Unary: guard.Unary, Stream: guard.Stream}
	return nil
}

// warnOfUnusedKeys logs a warning if the database has API keys that the server does not
// check.
func (f *securityFlags) warnOfUnusedKeys(ctx context.Context, log *slog.Logger, db *store.Store) {
	if f.has("keys") {
		return
	}
	if has, err := db.HasAPIKeys(ctx); err == nil && has {
		log.WarnContext(ctx, "there are API keys, but this server does not check them; --auth keys does")
	}
}
