package embed

import (
	"os"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

// TestRealDrivers checks drivers against the model servers named by
// ACCORD_TEST_EMBEDDING_URL and ACCORD_TEST_EMBEDDING_URLS (separated by spaces), in the
// schemes of Config.URL.
func TestRealDrivers(t *testing.T) {
	t.Parallel()
	urls := strings.Fields(os.Getenv("ACCORD_TEST_EMBEDDING_URL") + " " + os.Getenv("ACCORD_TEST_EMBEDDING_URLS"))
	if len(urls) == 0 {
		t.Skip("neither ACCORD_TEST_EMBEDDING_URL nor ACCORD_TEST_EMBEDDING_URLS is set")
	}
	for _, url := range urls {
		t.Run(strings.ReplaceAll(url, "/", "_"), func(t *testing.T) {
			t.Parallel()
			c := open(t, Config{URL: url})
			d := c.named
			if d == nil {
				var err error
				if d, _, err = detect(t.Context(), c.server, ""); err != nil {
					t.Fatal(err)
				}
			}
			embedtest.RunReal(t, d, "")
		})
	}
}
