package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	// perPage is the number of results on a page.
	perPage = 10
	// lastPage is the last page of results: a search returns at most 100 at a time.
	lastPage = 100 / perPage
)

// query is a search as the parameters of an address give it.
type query struct {
	Text       string
	Collection string // its id
	Mode       string // a value of modes
	Order      string // a value of orders
	Languages  []string
	Sources    []string
	Kinds      []string // values of kinds
	From, To   string   // days such as 2024-06-29; To is included
	Page       int      // from 1
}

// choice is a value that a form offers for a parameter.
type choice struct{ Value, Name string }

type modeChoice struct {
	choice
	mode accordv1.SearchMode
}

// modes are the values of the parameter mode, in the order of the form.
var modes = []modeChoice{
	{choice{"", "meaning and words"}, accordv1.SearchMode_SEARCH_MODE_HYBRID},
	{choice{"meaning", "meaning alone"}, accordv1.SearchMode_SEARCH_MODE_SEMANTIC},
	{choice{"words", "words alone"}, accordv1.SearchMode_SEARCH_MODE_LEXICAL},
}

type orderChoice struct {
	choice
	orderBy string // the order_by of a search
}

// orders are the values of the parameter order, in the order of the form.
var orders = []orderChoice{
	{choice{"", "best first"}, ""},
	{choice{"newest", "newest first"}, "publish_time desc"},
	{choice{"oldest", "oldest first"}, "publish_time"},
}

// kinds are the values of the parameter kind, in the order of the form.
var kinds = []struct {
	Value, Name string
	kind        accordv1.PassageKind
}{
	{"paragraph", "Paragraphs", accordv1.PassageKind_PASSAGE_KIND_PARAGRAPH},
	{"article", "Numbered articles", accordv1.PassageKind_PASSAGE_KIND_ARTICLE},
	{"heading", "Headings", accordv1.PassageKind_PASSAGE_KIND_HEADING},
	{"caption", "Captions", accordv1.PassageKind_PASSAGE_KIND_CAPTION},
}

// readQuery reads the search from the parameters of an address.
func readQuery(values url.Values) (query, error) {
	q := query{
		Text: strings.TrimSpace(values.Get("q")), Collection: values.Get("in"), Mode: values.Get("mode"), Order: values.Get("order"),
		Languages: filled(values["language"]), Sources: filled(values["source"]), Kinds: filled(values["kind"]),
		From: values.Get("from"), To: values.Get("to"), Page: 1,
	}
	if q.Collection == "" {
		q.Collection = document.DefaultCollection
	}
	if page := values.Get("page"); page != "" {
		n, err := strconv.Atoi(page)
		if err != nil || n < 1 || n > lastPage {
			return q, badRequest(fmt.Sprintf("page must be 1 to %d.", lastPage))
		}
		q.Page = n
	}
	_, err := q.request()
	return q, err
}

// filled returns the values that are not empty.
func filled(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// request returns the search for the first results up to the end of the page.
func (q query) request() (*accordv1.SearchRequest, error) {
	request := &accordv1.SearchRequest{
		Query: q.Text, Parent: document.CollectionName(q.Collection), PageSize: int32(q.Page * perPage), GroupTranslations: true,
		Filter: &accordv1.Filter{Languages: q.Languages, Sources: q.Sources},
	}
	mode := slices.IndexFunc(modes, func(m modeChoice) bool { return m.Value == q.Mode })
	if mode < 0 {
		return nil, badRequest("mode must be meaning or words, or left out.")
	}
	request.Mode = modes[mode].mode
	order := slices.IndexFunc(orders, func(o orderChoice) bool { return o.Value == q.Order })
	if order < 0 {
		return nil, badRequest("order must be newest or oldest, or left out.")
	}
	if request.OrderBy = orders[order].orderBy; request.GetOrderBy() != "" {
		request.MinRelevance = onSubject // otherwise passages that do not answer could come first
	}
	for _, value := range q.Kinds {
		kind, ok := kindOf(value)
		if !ok {
			return nil, badRequest("kind must be paragraph, article, heading or caption.")
		}
		request.Filter.Kinds = append(request.Filter.Kinds, kind)
	}
	from, err := startOf(q.From, 0)
	if err != nil {
		return nil, err
	}
	to, err := startOf(q.To, 1)
	if err != nil {
		return nil, err
	}
	request.Filter.PublishedAfter, request.Filter.PublishedBefore = from, to
	return request, nil
}

func kindOf(value string) (accordv1.PassageKind, bool) {
	for _, k := range kinds {
		if k.Value == value {
			return k.kind, true
		}
	}
	return 0, false
}

// startOf returns the start of a day in UTC, plus the given number of days. It returns nil if
// day is empty.
func startOf(day string, after int) (*timestamppb.Timestamp, error) {
	if day == "" {
		return nil, nil
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || t.Year() < 1 || t.Year() > 9998 {
		return nil, badRequest("A date must be like 2024-06-29.")
	}
	return timestamppb.New(t.AddDate(0, 0, after)), nil
}

// values returns the parameters of the search, without its page.
func (q query) values() url.Values {
	values := url.Values{}
	for name, list := range map[string][]string{
		"q": {q.Text}, "mode": {q.Mode}, "order": {q.Order}, "language": q.Languages, "source": q.Sources, "kind": q.Kinds, "from": {q.From}, "to": {q.To},
	} {
		if list = filled(list); len(list) > 0 {
			values[name] = list
		}
	}
	if q.Collection != document.DefaultCollection {
		values.Set("in", q.Collection)
	}
	return values
}

// link returns the address of a page of the search.
func (q query) link(page int) string {
	values := q.values()
	if page > 1 {
		values.Set("page", strconv.Itoa(page))
	}
	return "/?" + values.Encode()
}

// Filtered reports whether the search has conditions besides its text.
func (q query) Filtered() bool {
	return len(q.Languages)+len(q.Sources)+len(q.Kinds) > 0 || q.From+q.To != ""
}

// Unfiltered returns the address of the search without its conditions.
func (q query) Unfiltered() string {
	return query{Text: q.Text, Collection: q.Collection, Mode: q.Mode, Order: q.Order}.link(1)
}
