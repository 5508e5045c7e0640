package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestTypeScriptClient runs the tests of the packed TypeScript client on a real server.
// `make test-typescript` builds the client and sets ACCORD_TEST_TYPESCRIPT.
func TestTypeScriptClient(t *testing.T) {
	t.Parallel()
	if os.Getenv("ACCORD_TEST_TYPESCRIPT") == "" {
		t.Skip("ACCORD_TEST_TYPESCRIPT is not set")
	}
	command := exec.CommandContext(limited(t), "npm", "test")
	command.Dir = "../../clients/typescript"
	command.Env = append(os.Environ(), "ACCORD_ADDR="+serveInstant(t, "--stop-timeout", "1m"))
	command.WaitDelay = time.Second // if it does not end its own programs
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
