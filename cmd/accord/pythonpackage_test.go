package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/accord-search/accord/internal/store/storetest"
)

// TestPythonPackage runs the tests of clients/python against real servers: one that is open and
// has two models, and one with TLS and keys.
func TestPythonPackage(t *testing.T) {
	t.Parallel()
	tools := pythonTools(t)
	certificate := newAuthority(t).issue(t, "localhost")
	guarded := serveGuarded(t, "--tls-cert", certificate.cert, "--tls-key", certificate.key)
	command := exec.CommandContext(limited(t), filepath.Join(tools, "bin", "pytest"), "--tb=short")
	command.Dir = filepath.Join("..", "..", "clients", "python")
	command.Env = append(os.Environ(), "HAYSTACK_TELEMETRY_ENABLED=false",
		"ACCORD_TEST_TARGET="+serve(t, newTwoModels(t).flags(t, storetest.URL(t))...), "ACCORD_TEST_TLS_TARGET="+guarded.addr, "ACCORD_TEST_TLS_CA="+certificate.ca,
		"ACCORD_TEST_KEY="+guarded.key(t, "--role", "admin"))
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("pytest: %v\n%s", err, out)
	}
}
