package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

func TestSecurityFlags(t *testing.T) {
	t.Parallel()
	const beyond = "is reached from other machines"
	for _, test := range []struct{ flags, says string }{
		{"--grpc-addr 0.0.0.0:1", beyond},
		{"--grpc-addr :1", "no TLS and no authentication"},
		{"--grpc-addr [::]:1 --auth keys", "no TLS"},
		{"--grpc-addr 192.0.2.1:1 --tls-cert c --tls-key k", "no authentication"},
		{"--grpc-addr example.com:1", beyond},
		{"--pprof-addr 0.0.0.0:1", "--pprof-addr"},
		{"--tls-cert c", "--tls-cert and --tls-key must be set together"},
		{"--tls-client-ca c", "--tls-client-ca needs"},
		{"--auth password", "--auth must be"},
		{"--auth keys,none", "--auth must be"},
		{"--auth oidc", "--oidc-issuer and --oidc-audience"},
		{"--oidc-issuer https://example.com", "--oidc-issuer and --oidc-audience"},
		{"--auth keys --oidc-issuer https://example.com", "need --auth oidc"},
	} {
		args := append([]string{"serve", "--database-url", "postgres://127.0.0.1:1/x", "--embedding-url", "http://127.0.0.1:1"}, strings.Fields(test.flags)...)
		if code, _, errOut := accord(t, args...); code != 2 || !strings.Contains(errOut, test.says) {
			t.Errorf("%s: exit code %d, want 2 and %q:\n%s", test.flags, code, test.says, errOut)
		}
	}
	for _, flags := range []securityFlags{
		{Insecure: true}, {TLSCert: "c", TLSKey: "k", Auth: []string{"keys"}}, {TLSCert: "c", TLSKey: "k", TLSClientCA: "a"},
	} {
		if err := flags.checkSecurity("0.0.0.0:1", "0.0.0.0:2", ":1"); err != nil {
			t.Errorf("%+v: %v", flags, err)
		}
	}
	for _, addr := range []string{"127.0.0.1:1", "localhost:1", "[::1]:1", "127.1.2.3:1"} {
		if err := (&securityFlags{}).checkSecurity(addr, "", ""); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// TestLoudWarnings: a server without protection logs a warning.
func TestLoudWarnings(t *testing.T) {
	t.Parallel()
	g := guarded{database: storetest.URL(t)}
	g.key(t)
	_, log := serveLogged(t, "--database-url", g.database, "--embedding-url", embedtest.Serve(t, newModel()).URL, "--grpc-addr", "0.0.0.0:0", "--insecure", "--http-addr", ":0")
	for _, warning := range []string{"THE SERVER IS NOT PROTECTED", "THIS ADDRESS IS NOT PROTECTED", "there are API keys, but this server does not check them"} {
		eventually(t, func() bool { return strings.Contains(log.String(), warning) })
	}
}

// TestNoSecretInLog runs a server and commands whose configuration is full of secrets. None
// of the secrets is in their output.
func TestNoSecretInLog(t *testing.T) {
	t.Parallel()
	g := guarded{database: storetest.URL(t)}
	key := g.key(t, "--role", "admin")
	pair := newAuthority(t).issue(t, "localhost")
	model := embedtest.Serve(t, newModel()).URL
	const secret = "s3cret"
	withUser := func(url string) string { return strings.Replace(url, "://", "://user:"+secret+"-url@", 1) }
	addr, log := serveLogged(t, "--log-level", "debug", "--auth", "keys",
		"--database-url", g.database, "--database-replica-urls", "postgres://user:"+secret+"-replica@127.0.0.1:1/x",
		"--embedding-url", withUser(model), "--embedding-api-key", secret+"-embedding",
		"--rerank-url", withUser("http://127.0.0.1:1"), "--rerank-api-key", secret+"-rerank",
		"--tls-cert", pair.cert, "--tls-key", pair.key)
	all := []string{}
	run := func(args ...string) {
		_, out, errOut := accord(t, args...)
		all = append(all, fmt.Sprintf("accord %s\n%s%s", args[0], out, errOut))
	}
	client := []string{"--addr", addr, "--ca", pair.ca}
	run(append([]string{"search", "port", "--log-level", "debug", "--api-key", key}, client...)...)
	run(append([]string{"search", "port", "--api-key", key[:30] + secret}, client...)...)
	run(append([]string{"ingest", small(t), "--api-key", key}, client...)...)
	run("doctor", "--database-url", "postgres://user:"+secret+"@127.0.0.1:1/x", "--embedding-url", withUser("http://127.0.0.1:1"),
		"--embedding-api-key", secret, "--rerank-url", withUser("http://127.0.0.1:1"), "--rerank-api-key", secret)
	run("migrate", "--database-url", "postgres://user:"+secret+"@127.0.0.1:port/x")
	run("key", "list", "--database-url", g.database)
	all = append(all, log.String())
	hidden := []string{secret, key, strings.Split(key, "_")[2], "PRIVATE KEY"}
	if _, rest, found := strings.Cut(g.database, ":"); found { // the password of the test's database
		if user, _, found := strings.Cut(strings.TrimPrefix(rest, "//"), "@"); found {
			if _, password, found := strings.Cut(user, ":"); found {
				hidden = append(hidden, password)
			}
		}
	}
	for _, text := range all {
		for _, h := range hidden {
			if at := strings.Index(text, h); at >= 0 {
				t.Errorf("%.20s… is in the output: %s", h, text[max(0, at-200):min(len(text), at+60)])
			}
		}
	}
	if !strings.Contains(log.String(), "listening") {
		t.Error("the server wrote no log")
	}
}

// TestNoSecretInHelp: the help does not show the values of environment variables.
func TestNoSecretInHelp(t *testing.T) {
	const secret = "s3cret"
	for _, variable := range []string{
		"ACCORD_API_KEY", "ACCORD_DATABASE_URL", "ACCORD_DATABASE_REPLICA_URLS", "ACCORD_EMBEDDING_API_KEY", "ACCORD_RERANK_API_KEY", "ACCORD_EMBEDDING_URL",
	} {
		t.Setenv(variable, secret)
	}
	for _, command := range []string{"serve", "doctor", "migrate", "search", "key list"} {
		args := strings.Fields(command)
		_, wrongOut, wrongErr := accord(t, append(args, "--frobnicate")...)
		if out := mustAccord(t, append(args, "--help")...) + wrongOut + wrongErr; strings.Contains(out, secret) {
			t.Errorf("the help of %s has a secret:\n%s", command, out)
		}
	}
}

// TestNoSecretOfVariable: an error about a variable has its name, but not its value.
func TestNoSecretOfVariable(t *testing.T) {
	const secret = "s3cret"
	t.Setenv("ACCORD_DATABASE_URL", "mysql://user:"+secret+"@host/x")
	for _, command := range []string{"serve --local", "migrate", "doctor", "key list"} {
		code, out, errOut := accord(t, strings.Fields(command)...)
		if code != 2 || !strings.Contains(errOut, "mysql:// is not supported") || !strings.Contains(errOut, "ACCORD_DATABASE_URL") {
			t.Errorf("%s: exit code %d:\n%s", command, code, errOut)
		}
		if strings.Contains(out+errOut, secret) {
			t.Errorf("%s shows the variable:\n%s", command, errOut)
		}
	}
}
