package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/web/quote"
)

// result is one result as the page shows it.
type result struct {
	Title, Day, ISODay, Source, Place string
	Language, TitleLanguage           string // BCP-47
	Confidence                        string // the relevance in words
	Level                             string // high, middle or low
	Link                              string // the address in the reader
	Segments                          []segment
	Translations                      []passage
	Copies                            []copyOf
	Why                               []string
}

// passage is a passage in another language.
type passage struct {
	Language, Text, Link string
}

// copyOf is another document that has the text of a result.
type copyOf struct{ Name, Link string }

// Results with a relevance of at least answers count as answers, and others with at least
// onSubject as being on the subject. The values are those of match_confidence.
const (
	answers   = 0.5
	onSubject = 0.15
)

func newResult(r *accordv1.SearchResult, q query) result {
	p, d := r.GetPassage(), r.GetDocument()
	out := result{
		Title: titleOf(d), Day: day(d), ISODay: isoDay(d), Source: d.GetSource(), Place: place(p),
		Language: p.GetLanguageCode(), TitleLanguage: d.GetLanguageCode(),
		Segments: split(p.GetText(), within(p, r.GetHighlights()), within(p, r.GetMatchedTerms())),
		Why:      why(r), Link: readLink(p, best(r), q),
	}
	out.Confidence, out.Level = confidence(r.GetScores().GetRelevance())
	for _, t := range r.GetTranslations() {
		if c := t.GetContent(); c != nil {
			out.Translations = append(out.Translations, passage{t.GetLanguageCode(), c.GetText(), readLink(c, c.GetRange(), q)})
		}
	}
	for _, name := range r.GetCopies() {
		name, _, _ = strings.Cut(name, "/passages/")
		out.Copies = append(out.Copies, copyOf{name[strings.LastIndex(name, "/")+1:], "/read/" + name})
	}
	return out
}

// confidence returns in words how probable it is that a passage answers, and a level for the
// style sheet.
func confidence(relevance float32) (words, level string) {
	switch {
	case relevance >= answers:
		return "probably answers", "high"
	case relevance >= onSubject:
		return "may answer", "middle"
	default:
		return "probably does not answer", "low"
	}
}

// best returns the range that a link to a result cites: its best sentences, or the passage.
func best(r *accordv1.SearchResult) *accordv1.TextRange {
	if h := r.GetHighlights(); len(h) > 0 {
		return h[0]
	}
	return r.GetPassage().GetRange()
}

// readLink returns the address of the reader at a range of a passage. The address has the
// digest of the words, so that the reader finds them even after the document has changed. It
// also has the search, so that the reader can go to the next result.
func readLink(p *accordv1.Passage, cited *accordv1.TextRange, q query) string {
	words := ""
	if s := within(p, []*accordv1.TextRange{cited})[0]; s.start >= 0 && s.end <= len(p.GetText()) && s.start < s.end {
		words = p.GetText()[s.start:s.end]
	}
	name, _, _ := strings.Cut(p.GetName(), "/passages/")
	return citeLink(name, quote.Quote{Start: int(cited.GetStart()), End: int(cited.GetEnd()), Digest: quote.Digest(words)}, q)
}

// citeLink returns the address of the reader at a quote of a document.
func citeLink(document string, cited quote.Quote, q query) string {
	values := url.Values{}
	if q.Text != "" {
		values = q.values()
	}
	values.Set("c", cited.Span())
	values.Set("w", cited.Digest)
	return "/read/" + document + "?" + values.Encode() + "#c=" + cited.Span()
}

// why returns sentences that explain why a result is at its place.
func why(r *accordv1.SearchResult) (sentences []string) {
	s := r.GetScores()
	say := func(format string, args ...any) { sentences = append(sentences, fmt.Sprintf(format, args...)) }
	say("The estimated probability that it answers is %.0f %%.", 100*s.GetRelevance())
	if s.GetNamedArticle() {
		say("The question names this article, so it comes first.")
	}
	switch {
	case s.DenseRank != nil:
		say("By meaning it is number %d of the passages found.", s.GetDenseRank())
	default:
		say("It was found by words; meanings were not compared with it.")
	}
	switch words := matchedWords(r); {
	case s.LexicalRank != nil && len(words) > 0:
		say("By words it is number %d. It shares with the question: %s.", s.GetLexicalRank(), strings.Join(words, ", "))
	case s.LexicalRank != nil:
		say("By words it is number %d.", s.GetLexicalRank())
	default:
		say("It shares no word with the question.")
	}
	if s.PivotSimilarity != nil {
		say("It moved up because it probably says the same as the best passage, in another language.")
	}
	if s.Rerank != nil {
		say("A reranking model read it together with the question and gave it a score of %.2f, which orders it.", s.GetRerank())
	}
	return sentences
}

// matchedWords returns the words of the question that a passage has, each once.
func matchedWords(r *accordv1.SearchResult) (words []string) {
	text := r.GetPassage().GetText()
	for _, s := range split(text, nil, within(r.GetPassage(), r.GetMatchedTerms())) {
		if word := "“" + strings.ToLower(s.Text) + "”"; s.Word && !slices.Contains(words, word) && len(words) < 12 {
			words = append(words, word)
		}
	}
	return words
}
