package main

import (
	"cmp"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestHTTPDescription sends requests that Schemathesis makes from /openapi.json, valid and
// invalid ones. No answer may be a server error, or have a status, media type or body that the
// description or docs/http.md lacks. ACCORD_TEST_SCHEMATHESIS is the path of Schemathesis; `make test-http`
// sets it.
func TestHTTPDescription(t *testing.T) {
	t.Parallel()
	schemathesis := clientTool(t, "ACCORD_TEST_SCHEMATHESIS", "test-http")
	hooks, err := filepath.Abs("../../internal/tools/schemathesis")
	if err != nil {
		t.Fatal(err)
	}
	w := serveWeb(t, "--stop-timeout", "1m")
	w.want(t, http.StatusOK, http.MethodPut, webNote, `{"text":"The port of Chancay opened in 2024.","languageCode":"en"}`)
	out := program(t, t.TempDir(), []string{"TERM=dumb", "SCHEMATHESIS_HOOKS=checks", "PYTHONPATH=" + hooks}, schemathesis,
		"run", w.url+"/openapi.json", "--phases", "coverage,fuzzing", "--max-examples", cmp.Or(os.Getenv("ACCORD_TEST_SCHEMATHESIS_EXAMPLES"), "25"), "--seed", "1",
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,documented_status,lines_are_answered",
		"--continue-on-failure", "--no-shrink", "--generation-database", "none", "--suppress-health-check", "all",
		"--warnings", "off")
	t.Log(out)
}
