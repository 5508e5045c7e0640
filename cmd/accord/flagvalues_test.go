package main

import (
	"strings"
	"testing"
)

func TestServerTarget(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"localhost":               "localhost:50051",
		"localhost:1234":          "localhost:1234",
		":1234":                   "127.0.0.1:1234",
		"http://localhost":        "localhost:50051",
		"http://localhost:1234/":  "localhost:1234",
		"10.0.0.7":                "10.0.0.7:50051",
		"::1":                     "[::1]:50051",
		"[::1]":                   "[::1]:50051",
		"[::1]:1234":              "[::1]:1234",
		"unix:///run/accord.sock": "unix:///run/accord.sock",
		"dns:///accord:1234":      "dns:///accord:1234",
	} {
		if got, err := serverTarget(addr); got != want || err != nil {
			t.Errorf("%q gives %q, %v; want %q", addr, got, err, want)
		}
	}
	for addr, says := range map[string]string{
		"": "not an address", "localhost:port": "not an address", "http://localhost/path": "not an address", "two words": "not an address",
		"ftp://localhost": "unknown scheme ftp://",
	} {
		if _, err := serverTarget(addr); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q gives error %v, want %q", addr, err, says)
		}
	}
}

func TestFlagValues(t *testing.T) {
	t.Parallel()
	nobody := freeAddr(t)
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"search", "x", "--after", "yesterday"}, 2, `--after: "yesterday" is not a day or a time such as 2024-05-31 or 2024-05-31T10:00:00Z`},
		{[]string{"search", "x", "--after", "2024-05-31T10:00:00+02:00", "--addr", nobody}, 1, "no server answers"},
		{[]string{"search", "x", "--collection", "Not One"}, 2, `"Not One" is not a collection`},
		{[]string{"search", "x", "--collection", "news", "--addr", nobody}, 1, "no server answers"},
		{[]string{"search", "x", "--page-size", "3", "--addr", nobody}, 1, "no server answers"},
		{[]string{"search", "x", "--addr", "foo://x"}, 2, `--addr: "foo://x" has the unknown scheme foo://`},
		{[]string{"collection", "export", "--addr", "two words", "x.jsonl"}, 2, "not an address"},
		{[]string{"migrate", "--database-url", "mysql://user:s3cret@host/x"}, 2, "mysql:// is not supported: Accord needs Postgres, and a URL that begins with postgres://"},
		{[]string{"serve", "--local", "--database-replica-urls", "postgres://host/x,mysql://user:s3cret@host/x"}, 2, "mysql:// is not supported"},
		{[]string{"migrate", "--database-url", "user:s3cret@://host/x"}, 1, "accord: "},
	} {
		code, out, errOut := accord(t, test.args...)
		if said := out + errOut; code != test.code || !strings.Contains(said, test.says) || strings.Contains(said, "s3cret") {
			t.Errorf("%q: exit code %d, want %d; want output with %q:\n%s", test.args, code, test.code, test.says, said)
		}
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for part, want := range map[float64]string{0: "0%", .001: "1%", .29: "29%", .666: "67%", .9: "90%", .999: "99%", 1: "100%"} {
		if got := percent(part); got != want {
			t.Errorf("percent(%v) = %s, want %s", part, got, want)
		}
	}
}
