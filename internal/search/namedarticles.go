package search

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// articleFit is how well a passage fits the article that a question names.
type articleFit int

const (
	unnamed     articleFit = iota
	namedNumber            // the number fits, but the document is of another year than the one that the question names
	namedWhole             // the number fits, and also the year if the question names one
)

// namedArticle is how a passage compares with other passages that the question names.
type namedArticle struct {
	articleFit
	sections     int  // number of labels above it that the question names, such as "Chapter 2"
	sameLanguage bool // whether it is in the question's language, as isOwn says
	titled       int  // number of the question's terms in the title of its document
}

// maxNamed is the maximum number of named articles that are ranked: first those of the
// named year, then the newest.
const maxNamed = 300

var yearRE = regexp.MustCompile(`^(?:19|20)[0-9]{2}$`)

// findNamed returns the articles that a question names by number, in any language, as in
// "第三条" or "Article 3 of the 2016 statement".
func (s *Searcher) findNamed(ctx context.Context, sp space.Space, q question) (map[document.PassageKey]namedArticle, error) {
	numbers := map[string]bool{}
	var ids []int32
	asked, languages := lexical.NamedArticles(q.text)
	for _, term := range asked {
		numbers[term.Text], ids = true, append(ids, term.ID())
	}
	if len(ids) == 0 || len(q.filter.Kinds) > 0 && !slices.Contains(q.filter.Kinds, document.KindArticle) {
		return nil, nil
	}
	years := slices.DeleteFunc(yearsOf(q.text), func(year int32) bool {
		return numbers["article "+strconv.Itoa(int(year))] // as in "§ 1922"
	})
	articles, err := s.cfg.Terms.Articles(ctx, sp, ids, years, q.filter)
	if err != nil {
		return nil, err
	}
	above := sectionsAbove(articles, chunk.SectionsNamed(q.text))
	slices.SortStableFunc(articles, func(a, b document.Article) int { return above[b.PassageKey] - above[a.PassageKey] })
	named := map[document.PassageKey]namedArticle{}
	for _, a := range articles {
		if term, ok := lexical.LabelledArticle(a.Label); !ok || !numbers[term.Text] || len(named) == maxNamed {
			continue
		}
		fit := namedNumber
		if a.InYear || len(years) == 0 {
			fit = namedWhole
		}
		named[a.PassageKey] = namedArticle{fit, above[a.PassageKey], isOwn(a.Language, q.language, languages, sp.Terms.Languages), commonTerms(q.text, a.Title, a.Language)}
	}
	return named, nil
}

// isOwn reports whether an article is in the question's language. The language of a short question
// is often detected wrongly. So if the detected language does not have the question's words for
// "article", or no passage is in it, the article may be in any language that has these words.
func isOwn(article, detected string, ofNames, ofPassages []string) bool {
	if len(ofNames) == 0 || slices.Contains(ofNames, detected) && slices.Contains(ofPassages, detected) {
		return article == detected
	}
	return slices.Contains(ofNames, article)
}

// sectionsAbove returns how many labels above each article are one of the sections asked for.
func sectionsAbove(articles []document.Article, asked []chunk.Section) map[document.PassageKey]int {
	if len(asked) == 0 {
		return nil
	}
	above, known := map[document.PassageKey]int{}, map[string]bool{} // many articles have the same labels above them
	for _, a := range articles {
		for _, label := range a.LabelPath {
			isAsked, ok := known[label]
			if !ok {
				isAsked = slices.ContainsFunc(chunk.SectionsOfLabel(label), func(s chunk.Section) bool { return slices.Contains(asked, s) })
				known[label] = isAsked
			}
			if isAsked {
				above[a.PassageKey]++
			}
		}
	}
	return above
}

// commonTerms returns how many terms of a question a title in a language has.
func commonTerms(question, title, language string) int {
	asked, common := map[string]bool{}, 0
	for _, term := range lexical.QueryTerms(question, language) {
		asked[term.Text] = true
	}
	for _, term := range lexical.Terms(title, language) {
		if asked[term.Text] {
			common, asked[term.Text] = common+1, false
		}
	}
	return common
}

// yearsOf returns the years in a question.
func yearsOf(text string) (years []int32) {
	for _, term := range lexical.Terms(text, "") {
		if yearRE.MatchString(term.Text) {
			year, _ := strconv.ParseInt(term.Text, 10, 32) // four digits
			years = append(years, int32(year))
		}
	}
	return years
}

// matchNamed adds the articles that a question names to the lexical leg's matches, so that
// they are ranked in any case.
func (s *Searcher) matchNamed(ctx context.Context, sp space.Space, q question, leg *lexicalLeg) error {
	named, err := s.findNamed(ctx, sp, q)
	if err != nil || len(named) == 0 {
		return err
	}
	leg.named = named
	return addMatches(ctx, s, sp, leg, named)
}

// namedFirst moves the articles that the question names to the front. Those that fit better
// come first; if they fit equally well, those in the chapter that the question names; then those
// in its language; and then those of the document whose title it names. Otherwise the order is
// kept. Articles that fit in full get at least namedRelevance.
func namedFirst(list []ranked, named map[document.PassageKey]namedArticle) []ranked {
	if len(named) == 0 || len(list) == 0 {
		return list
	}
	slices.SortStableFunc(list, func(a, b ranked) int {
		first, second := named[a.PassageKey], named[b.PassageKey]
		return second.compare(first)
	})
	for i, r := range list {
		fit := named[r.PassageKey].articleFit
		list[i].Named = fit != unnamed
		if fit == namedWhole {
			list[i].Relevance = max(r.Relevance, namedRelevance)
		}
	}
	return list
}

// compare returns a positive number if a comes before b, and a negative one if it comes after it.
func (a namedArticle) compare(b namedArticle) int {
	language := 0
	if a.sameLanguage != b.sameLanguage {
		language = -1
		if a.sameLanguage {
			language = 1
		}
	}
	return cmp.Or(int(a.articleFit-b.articleFit), a.sections-b.sections, language, a.titled-b.titled)
}
