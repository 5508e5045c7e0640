package store_test

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

func TestParsePosition(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]store.Position{
		"0/0": 0, "0/3000000": 0x3000000, "16/B374D848": 0x16B374D848, "FFFFFFFF/FFFFFFFF": 1<<64 - 1,
	} {
		got, err := store.ParsePosition(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %v, error %v", text, got, err)
		}
	}
	for _, text := range []string{"", "/", "0", "0/", "/0", "0/0/0", "0x1/0", "g/0", "-1/0", "100000000/0", "0/100000000", "000000000/0", "1_0/0"} {
		if got, err := store.ParsePosition(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

// TestInspectReplica checks that a replica reports its position, and that a primary and
// a replica of another system are refused.
func TestInspectReplica(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t)
	primary, err := store.Inspect(t.Context(), cluster.Primary.URL)
	if err != nil {
		t.Fatal(err)
	}
	found, err := store.InspectReplica(t.Context(), cluster.Replica.URL, primary.System)
	if err != nil || found.Position == 0 || !strings.HasPrefix(found.Name, "127.0.0.1:") {
		t.Errorf("found %+v, error %v", found, err)
	}
	for _, c := range []struct{ what, url, system, says string }{
		{"the primary", cluster.Primary.URL, primary.System, "not a replica"},
		{"another system", cluster.Replica.URL, "1", "another database server"},
	} {
		if _, err := store.InspectReplica(t.Context(), c.url, c.system); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}
