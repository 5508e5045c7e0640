package main

import (
	"os"
	"testing"
)

// lacks ends a test that lacks something from outside of the test. The test fails if the
// environment variable strict is set, since everything was prepared then. Otherwise it is
// skipped, so that `go test` can be run alone.
func lacks(t testing.TB, strict string, why ...any) {
	t.Helper()
	if os.Getenv(strict) != "" {
		t.Fatal(why...)
	}
	t.Skip(why...)
}

// everything is set by .ci/run, on a machine with all programs, a model server and root's rights.
const everything = "ACCORD_TEST_ALL"

// skipMissing ends a test that needs a program that is not installed.
func skipMissing(t *testing.T, program string) {
	t.Helper()
	lacks(t, everything, program, "is not installed")
}

// realModel returns the URL of the real model server.
func realModel(t testing.TB) string {
	t.Helper()
	url := os.Getenv("ACCORD_TEST_EMBEDDING_URL")
	if url == "" {
		lacks(t, everything, "ACCORD_TEST_EMBEDDING_URL is not set; `make test` and `make bench` start a model server and set it")
	}
	return url
}

// clientTool returns the path of what a test of a client needs, from an environment variable
// that a make target sets. `make test-clients` sets them all, and ACCORD_TEST_CLIENTS.
func clientTool(t *testing.T, variable, target string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		lacks(t, "ACCORD_TEST_CLIENTS", variable, "is not set; `make", target+"` sets it")
	}
	return path
}
