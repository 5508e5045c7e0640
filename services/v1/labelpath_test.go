package v1_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/embedtest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// outlined returns a document of paragraphs. A paragraph that begins with "#" is a heading,
// whose level is the number of these signs.
func outlined(id string, paragraphs ...string) *accordv1.Document {
	d := &accordv1.Document{Name: name(id), LanguageCode: "en"}
	for _, p := range paragraphs {
		text := strings.TrimLeft(p, "# ")
		if d.Text != "" {
			d.Text += "\n\n"
		}
		start := utf8.RuneCountInString(d.Text)
		d.Text += text
		if level := strings.Count(p, "#"); level > 0 {
			d.Blocks = append(d.Blocks, &accordv1.Block{
				Kind: accordv1.PassageKind_PASSAGE_KIND_HEADING, Level: int32(level),
				Range: &accordv1.TextRange{Start: int32(start), End: int32(utf8.RuneCountInString(d.Text))},
			})
		}
	}
	return d
}

// paths returns the label paths of all passages of a document, in order.
func (s *service) paths(t *testing.T, document string) (paths []string) {
	t.Helper()
	for _, p := range s.passages(t, document) {
		paths = append(paths, strings.Join(p.GetLabelPath(), " > "))
	}
	return paths
}

// timesEmbedded returns how often a model server was asked for the vector of a text.
func timesEmbedded(model *embedtest.Server, text string) (n int) {
	for _, r := range model.Requests() {
		if slices.ContainsFunc(r.Input, func(input string) bool { return strings.Contains(input, text) }) {
			n++
		}
	}
	return n
}

// TestLabelPath: passages say under which headings they are. If only the level of a heading
// changes, the document is written, and its passages get other paths without being embedded
// again.
func TestLabelPath(t *testing.T) {
	t.Parallel()
	s, model := start(t)
	d := outlined("a", "# Harbour", "Boats are let.", "## Fees", "Fees are low.", "Chapter 2", "Article 5", "Boats come back by night.", "Article 6", "Lamps are lit.")
	s.upsert(t, d)
	if diff := gocmp.Diff([]string{"", "Harbour", "Harbour", "Harbour > Fees", "Harbour > Fees", "Harbour > Fees > Chapter 2 > Article 5", "Harbour > Fees > Chapter 2 > Article 6"}, s.paths(t, d.GetName())); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	if got := s.get(t, d.GetName()).GetBlocks(); len(got) != 2 || got[1].GetLevel() != 2 {
		t.Errorf("blocks are stored as %v", got)
	}
	for _, r := range s.ask(t, &accordv1.SearchRequest{Query: "fees", ContextPassages: 1}).GetResults() {
		for _, p := range append(append(r.GetPreviousPassages(), r.GetNextPassages()...), r.GetPassage()) {
			if p.GetText() == "Fees are low." && strings.Join(p.GetLabelPath(), " > ") != "Harbour > Fees" {
				t.Errorf("a search finds the passage with path %q", p.GetLabelPath())
			}
		}
	}
	embedded := timesEmbedded(model, "Fees are low.")
	d.Blocks[1].Level = 1
	if outcome := s.upsert(t, d).GetOutcome(); outcome != accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED {
		t.Errorf("another level of a heading gives %v", outcome)
	}
	if diff := gocmp.Diff([]string{"", "Harbour", "", "Fees", "Fees", "Fees > Chapter 2 > Article 5", "Fees > Chapter 2 > Article 6"}, s.paths(t, d.GetName())); diff != "" {
		t.Errorf("paths after another level (-want +got):\n%s", diff)
	}
	if timesEmbedded(model, "Fees are low.") != embedded {
		t.Error("another level of a heading embeds the document again")
	}
	d.Blocks[1].Level = 11
	_, err := s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{Document: d})
	checkFailure(t, err, invalid("document.blocks[1].level"))
}

// TestNamedArticleOfChapter: if several articles have the number that a question names, the one
// in the chapter that the question names comes first.
func TestNamedArticleOfChapter(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.upsert(t, outlined("en", "Chapter I", "Article 5", "Ports are open.", "Article 6", "Trade grows.", "Chapter II", "Article 5", "Gates are shut.", "Article 6", "Fees are low."))
	for query, want := range map[string]string{
		"chapter 1 article 5": "Chapter I, Article 5", "chapter 2 article 5": "Chapter II, Article 5", "第二章第五条": "Chapter II, Article 5",
		"Article 6 of Chapter II": "Chapter II, Article 6", "article six, chapter one": "Chapter I, Article 6",
	} {
		got := s.ask(t, &accordv1.SearchRequest{Query: query}).GetResults()
		if len(got) == 0 || strings.Join(got[0].GetPassage().GetLabelPath(), ", ") != want {
			t.Errorf("%s: got %d results, want %q first", query, len(got), want)
		}
	}
}
