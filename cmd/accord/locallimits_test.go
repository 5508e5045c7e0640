package main

import (
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// limitsOf returns the time limits after parsing a command line.
func limitsOf(t *testing.T, args ...string) map[string]time.Duration {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Exit(func(int) { t.Fatal("serve was not parsed") }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"serve"}, args...)); err != nil {
		t.Fatal(err)
	}
	s := c.Serve
	return map[string]time.Duration{
		"default": s.DefaultTimeout, "database": s.DatabaseTimeout, "query": s.EmbeddingQueryTimeout,
		"passage": s.EmbeddingPassageTimeout, "vector": s.QueryVectorTimeout, "health": s.healthTimeout,
	}
}

// TestLocalLimits: with --local the limits are longer, unless they are set.
func TestLocalLimits(t *testing.T) {
	usual := map[string]time.Duration{
		"default": 30 * time.Second, "database": 10 * time.Second, "query": 5 * time.Second,
		"passage": time.Minute, "vector": 1500 * time.Millisecond, "health": 0,
	}
	longer := map[string]time.Duration{
		"default": 2 * time.Minute, "database": time.Minute, "query": 30 * time.Second,
		"passage": 5 * time.Minute, "vector": 5 * time.Second, "health": localHealthTimeout,
	}
	but := func(limits map[string]time.Duration, name string, value time.Duration) map[string]time.Duration {
		changed := map[string]time.Duration{}
		for n, limit := range limits {
			changed[n] = limit
		}
		changed[name] = value
		return changed
	}
	own := []string{"--database-url", "postgres://db", "--embedding-url", "http://model"}
	ownLimits := but(usual, "default", longer["default"])
	for _, test := range []struct {
		name string
		env  string // environment variable that sets the query limit
		args []string
		want map[string]time.Duration
	}{
		{"without --local", "", own, usual},
		{"--local", "", []string{"--local"}, longer},
		{"a flag", "", []string{"--local", "--default-timeout", "7s"}, but(longer, "default", 7*time.Second)},
		{"a flag with the default", "", []string{"--embedding-query-timeout=5s", "--local"}, but(longer, "query", 5*time.Second)},
		{"a variable", "9s", []string{"--local"}, but(longer, "query", 9*time.Second)},
		{"servers of one's own", "", append(own, "--local"), but(ownLimits, "health", localHealthTimeout)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.env != "" {
				t.Setenv("ACCORD_EMBEDDING_QUERY_TIMEOUT", test.env)
			}
			if diff := cmp.Diff(test.want, limitsOf(t, test.args...)); diff != "" {
				t.Errorf("limits (-want +got):\n%s", diff)
			}
		})
	}
}
