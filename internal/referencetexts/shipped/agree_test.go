package shipped_test

import (
	"log/slog"
	"os"
	"testing"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/maintenance"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/referencetexts"
	"github.com/accord-search/accord/internal/referencetexts/shipped"
	"github.com/accord-search/accord/internal/space"
)

// kinds lists the kinds of vectors with their texts in a language.
var kinds = map[shipped.Kind]func(sp space.Space, language string) []string{
	shipped.Passages: maintenance.ReferenceWindows,
	shipped.Queries: func(_ space.Space, language string) (texts []string) {
		for _, q := range maintenance.ReferenceQueries(language) {
			texts = append(texts, q.Text)
		}
		return texts
	},
}

// TestVectorsAndTextsAgree checks that every text has a vector, and that every vector
// belongs to a current text.
func TestVectorsAndTextsAgree(t *testing.T) {
	t.Parallel()
	sp := space.Space{Windowing: modelservers.Windowing, WindowTokens: 512}
	for kind, texts := range kinds {
		for _, language := range referencetexts.Languages() {
			set := shipped.Load(shipped.Fingerprint(), kind, language)
			distinct := map[string]bool{}
			missing := 0
			for _, text := range texts(sp, language) {
				distinct[text] = true
				if set.Vector(text) == nil {
					missing++
				}
			}
			if missing > 0 || set.Len() != len(distinct) {
				t.Errorf("%s in %s: %d vectors of %d texts, %d without: run `make reference-vectors` and commit the result",
					kind, language, set.Len(), len(distinct), missing)
			}
		}
	}
}

// TestVectorsAreTheModels compares some of the vectors with new ones by the default
// model.
func TestVectorsAreTheModels(t *testing.T) {
	t.Parallel()
	url := os.Getenv("ACCORD_TEST_EMBEDDING_URL")
	if url == "" {
		t.Skip("ACCORD_TEST_EMBEDDING_URL is not set; `make test` starts a model server and sets it")
	}
	servers, err := modelservers.Open([]modelservers.Server{{Name: "default", Config: embed.Config{URL: url}}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	sp, err := servers.Offer(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if !shipped.Known(sp.Fingerprint) {
		t.Fatal("the default model is not the one that made the vectors: run `make reference-vectors` and commit the result")
	}
	for _, language := range referencetexts.Languages() {
		texts := maintenance.ReferenceWindows(sp, language)[:3]
		made, err := servers.EmbedPassages(t.Context(), sp, texts)
		if err != nil {
			t.Fatal(err)
		}
		set := shipped.Load(sp.Fingerprint, shipped.Passages, language)
		for i, text := range texts {
			if likeness := cosine(set.Vector(text), made[i].Vector); likeness < 1-1e-4 {
				t.Errorf("%s: cosine %v for %q", language, likeness, text)
			}
		}
	}
}

// cosine returns the cosine of vectors of unit length.
func cosine(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
