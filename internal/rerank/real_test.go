package rerank_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/rerank"
)

// TestRealServers runs against the reranking servers named by ACCORD_TEST_RERANK_URLS
// (separated by spaces), in the schemes of Config.URL. Their models may be untrained,
// so it only checks that a text has the same score wherever it is in the request, and
// that a text too long for the model does not affect others.
func TestRealServers(t *testing.T) {
	t.Parallel()
	urls := strings.Fields(os.Getenv("ACCORD_TEST_RERANK_URLS"))
	if len(urls) == 0 {
		t.Skip("ACCORD_TEST_RERANK_URLS is not set")
	}
	texts := []string{"The port opened in November.", "港口于今年开放。", strings.Repeat("Fishing quotas were cut. ", 500), "a"}
	for len(texts) < 40 { // more texts than a TEI server accepts in one request
		texts = append(texts, fmt.Sprintf("Article %d: and so on.", len(texts)))
	}
	for _, url := range urls {
		t.Run(strings.ReplaceAll(url, "/", "_"), func(t *testing.T) {
			t.Parallel()
			client, err := rerank.Open(rerank.Config{URL: url, Timeout: 6 * hang, MaxTokens: 512})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			scores, err := client.Rerank(t.Context(), "When did the port open?", texts)
			if err != nil {
				t.Fatal(err)
			}
			slices.Reverse(scores)
			reversed := slices.Clone(texts)
			slices.Reverse(reversed)
			again, err := client.Rerank(t.Context(), "When did the port open?", reversed)
			if err != nil {
				t.Fatal(err)
			}
			// The other texts of a batch change the last digits.
			if diff := cmp.Diff(scores, again, cmpopts.EquateApprox(0, .01)); diff != "" {
				t.Errorf("texts the other way round (-want +got):\n%s", diff)
			}
			slices.Sort(scores)
			if len(slices.Compact(scores)) < len(texts)/2 {
				t.Errorf("nearly all scores are the same: %v", scores)
			}
		})
	}
}
