package web

import (
	"context"
	"net/http"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// searchView is what the search page shows.
type searchView struct {
	Query       query
	Collections choices
	Modes       []modeChoice
	Orders      []orderChoice
	Groups      []filterGroup
	Years       []yearLink
	Asked       bool
	Problem     string // why there is no answer
	Headline    string // how sure the answer is
	Off         bool   // whether the collection seems to have nothing on the subject
	Notes       []string
	Results     []result
	First       int // number of the first result
	Previous    string
	Next        string
}

// maxChoices is the number of collections up to which a form offers them all to choose from.
// With more, their names have to be typed.
const maxChoices = 100

// choices are the collections that a visitor may choose from.
type choices struct {
	List      []collectionChoice
	More      bool  // whether there are more than the list has
	Documents int64 // in all collections of the list
}

type collectionChoice struct {
	ID        string
	Documents int64
}

// searchPage shows the form, and the answer if there is a question.
func (s *site) searchPage(v *visit) error {
	q, err := readQuery(v.r.URL.Query())
	if err != nil {
		return err
	}
	view := searchView{Query: q, Modes: modes, Orders: orders, Asked: q.Text != ""}
	if view.Collections, err = s.choices(v.ctx); err != nil {
		return err
	}
	title := "Search"
	code := http.StatusOK
	var answer *accordv1.SearchResponse
	if view.Asked {
		title = q.Text
		empty := view.Collections.empty(q.Collection)
		view.Collections.include(q.Collection)
		answer, err = s.answerWithFacets(v.ctx, q)
		shown, known := asPageError(err)
		switch {
		case err == nil:
			view.show(answer)
			if empty && view.Headline != "" {
				view.Headline = "This collection has no documents yet."
			}
		case known && (shown.code == http.StatusBadRequest || shown.code == http.StatusNotFound):
			code, view.Problem = shown.code, shown.Detail
		default:
			return err
		}
	}
	view.Groups, view.Years = filterGroups(q, answer.GetFacets()), yearLinks(q, answer.GetFacets())
	v.render(code, "search", title, view)
	return nil
}

// choices returns the collections that the visitor may search.
func (s *site) choices(ctx context.Context) (all choices, err error) {
	answer, err := s.collections.ListCollections(ctx, &accordv1.ListCollectionsRequest{PageSize: maxChoices})
	if err != nil {
		return all, err
	}
	for _, c := range answer.GetCollections() {
		id, _ := document.ParseCollectionName(c.GetName())
		all.List = append(all.List, collectionChoice{id, c.GetDocumentCount()})
		all.Documents += c.GetDocumentCount()
	}
	all.More = answer.GetNextPageToken() != ""
	return all, nil
}

// empty reports whether a collection is known to have no documents. One that the list lacks may
// have some if there are more than the list has; otherwise it does not exist.
func (c *choices) empty(id string) bool {
	i := slices.IndexFunc(c.List, func(choice collectionChoice) bool { return choice.ID == id })
	if i < 0 {
		return !c.More
	}
	return c.List[i].Documents == 0
}

// include adds a collection if the list lacks it, so that a form keeps what the visitor chose. The
// number of its documents is not known.
func (c *choices) include(id string) {
	if !slices.ContainsFunc(c.List, func(choice collectionChoice) bool { return choice.ID == id }) {
		c.List = append(c.List, collectionChoice{ID: id})
	}
}

// answer runs a search, and counts its results by the given fields.
func (s *site) answer(ctx context.Context, q query, facets ...string) (*accordv1.SearchResponse, error) {
	request, err := q.request()
	if err != nil {
		return nil, err
	}
	request.Facets = facets
	answer, err := s.search.Search(ctx, request)
	if status.Code(err) == codes.NotFound {
		err = status.Errorf(codes.NotFound, "There is no collection with the name %q.", q.Collection)
	}
	return answer, err
}

// headlines warn of results that may not answer the question.
var headlines = map[accordv1.MatchConfidence]string{
	accordv1.MatchConfidence_MATCH_CONFIDENCE_UNCERTAIN: "Nothing here clearly answers. These passages are on the subject.",
	accordv1.MatchConfidence_MATCH_CONFIDENCE_OFF_TOPIC: "Nothing was found. This collection seems to have nothing on the subject.",
}

// degradations are the words for parts of a search that failed.
var degradations = map[accordv1.Degradation]string{
	accordv1.Degradation_DEGRADATION_EMBEDDER_UNAVAILABLE: "The model server does not answer now, so only words were compared.",
	accordv1.Degradation_DEGRADATION_LEXICAL_UNAVAILABLE:  "The search by words failed, so only meanings were compared.",
	accordv1.Degradation_DEGRADATION_RERANKER_UNAVAILABLE: "The reranking server does not answer now, so the results are not reranked.",
}

// show adds an answer to the page.
func (v *searchView) show(answer *accordv1.SearchResponse) {
	info := answer.GetSearchInfo()
	v.Headline = headlines[info.GetMatchConfidence()]
	v.Off = info.GetMatchConfidence() == accordv1.MatchConfidence_MATCH_CONFIDENCE_OFF_TOPIC
	for _, d := range info.GetDegraded() {
		v.Notes = append(v.Notes, degradations[d])
	}
	for _, phrase := range info.GetUnmatchedPhrases() {
		v.Notes = append(v.Notes, "No passage has “"+phrase+"” word for word.")
	}
	if info.GetPossiblyIncomplete() {
		v.Notes = append(v.Notes, "Very many passages match the filters, so some results may be missing.")
	}
	v.First = (v.Query.Page-1)*perPage + 1
	all := answer.GetResults()
	for _, r := range all[min(v.First-1, len(all)):] {
		v.Results = append(v.Results, newResult(r, v.Query))
	}
	if v.Query.Page > 1 {
		v.Previous = v.Query.link(v.Query.Page - 1)
	}
	if answer.GetNextPageToken() != "" && v.Query.Page < lastPage {
		v.Next = v.Query.link(v.Query.Page + 1)
	}
	if len(v.Results) == 0 && v.Headline == "" {
		v.Headline = "Nothing was found."
	}
}
