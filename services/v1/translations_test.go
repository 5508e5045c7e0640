package v1_test

import (
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestTranslations: the best passage names its translation. If translations are grouped, it
// also has the translation's content, and the translation is not in the list itself.
func TestTranslations(t *testing.T) {
	t.Parallel()
	const english, spanish = "The harbour opens at dawn.", "El puerto abre al amanecer."
	model := newModel("test-model")
	model.Vectors = map[string][]float32{spanish: embedtest.Vector(english, 32)}
	s := startOn(t, storetest.Open(t, store.Config{}), model)
	s.upsert(t, &accordv1.Document{Name: name("original"), LanguageCode: "en", Text: english})
	s.upsert(t, &accordv1.Document{Name: name("translation"), LanguageCode: "es", Text: spanish})
	s.upsert(t, &accordv1.Document{Name: name("other"), LanguageCode: "es", Text: "Las escuelas cierran en invierno."})
	for _, grouped := range []bool{false, true} {
		found := s.ask(t, &accordv1.SearchRequest{Query: "when the harbour opens", GroupTranslations: grouped}).GetResults()
		listed := map[string]bool{}
		for _, r := range found {
			listed[r.GetDocument().GetName()] = true
		}
		if !listed[name("other")] || listed[name("translation")] == grouped {
			t.Errorf("grouped %v: documents %v", grouped, listed)
		}
		best := found[0]
		if best.GetDocument().GetName() != name("original") || len(best.GetTranslations()) != 1 {
			t.Fatalf("grouped %v: best result %v", grouped, best)
		}
		got := best.GetTranslations()[0]
		passage := name("translation") + "/passages/0"
		if got.GetPassage() != passage || got.GetLanguageCode() != "es" || got.GetSimilarity() < .5 || got.GetSimilarity() > 1 {
			t.Errorf("grouped %v: translation %v", grouped, got)
		}
		if content := got.GetContent(); (content != nil) != grouped || grouped && (content.GetName() != passage || content.GetText() != spanish) {
			t.Errorf("grouped %v: content %v", grouped, content)
		}
	}
}
