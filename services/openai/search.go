package openai

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	// standardResults and maxResults are the default and the maximum of max_num_results.
	standardResults, maxResults = 10, 50
	// maxQueries is the maximum number of queries in one request. Each is a search.
	maxQueries = 5
)

// searchRequest is the body of a search.
type searchRequest struct {
	Query          queries         `json:"query"`
	Filters        json.RawMessage `json:"filters"`
	MaxNumResults  *int            `json:"max_num_results"`
	RankingOptions struct {
		Ranker         string   `json:"ranker"`
		ScoreThreshold *float64 `json:"score_threshold"`
	} `json:"ranking_options"`
	RewriteQuery bool `json:"rewrite_query"` // queries are never rewritten
}

// queries is a query, or a list of queries.
type queries []string

// UnmarshalJSON implements json.Unmarshaler.
func (q *queries) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*q = queries{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(q))
}

// resultPage is the answer to a search in OpenAI's shape.
type resultPage struct {
	Object      string   `json:"object"`
	SearchQuery []string `json:"search_query"`
	Data        []result `json:"data"`
	HasMore     bool     `json:"has_more"`
	NextPage    *string  `json:"next_page"`
	Accord      []answer `json:"accord"`
}

// answer is what Accord adds about the answer to each query.
type answer struct {
	MatchConfidence string `json:"match_confidence"`
}

type result struct {
	FileID     string            `json:"file_id"`
	Filename   string            `json:"filename"`
	Score      float64           `json:"score"`
	Attributes map[string]string `json:"attributes"`
	Content    []passage         `json:"content"`
	Accord     source            `json:"accord"`
}

// passage is a content part, with its place in the document.
type passage struct {
	contentPart
	Accord place `json:"accord"`
}

// place is what Accord adds about a passage. Ranges are in code points of the file's content.
type place struct {
	Passage    string   `json:"passage"`
	Citation   string   `json:"citation"`
	Language   string   `json:"language_code"`
	Range      span     `json:"range"`
	Highlights []span   `json:"highlights,omitempty"`
	Page       int32    `json:"page,omitempty"`
	Label      string   `json:"label,omitempty"`
	LabelPath  []string `json:"label_path,omitempty"`
}

type span struct {
	Start int32 `json:"start"`
	End   int32 `json:"end"`
}

func spanOf(r *accordv1.TextRange) span { return span{r.GetStart(), r.GetEnd()} }

// searchStore searches a collection. Results of several queries are merged by score.
func (a *api) searchStore(c *call, store, _ string) (any, error) {
	in, err := readSearch(c.r.Body)
	if err != nil {
		return nil, err
	}
	req, err := in.request(store)
	if err != nil {
		return nil, err
	}
	out := resultPage{Object: "vector_store.search_results.page", SearchQuery: in.Query, Data: []result{}}
	seen := map[string]int{} // passages → their places in out.Data
	for _, query := range in.Query {
		req.Query = query
		reply, err := ask(c, a.search.Search, req)
		if err != nil {
			return nil, err
		}
		out.Accord = append(out.Accord, answer{strings.TrimPrefix(reply.GetSearchInfo().GetMatchConfidence().String(), "MATCH_CONFIDENCE_")})
		for _, r := range reply.GetResults() {
			name, found := r.GetPassage().GetName(), resultOf(r)
			if at, again := seen[name]; !again {
				seen[name] = len(out.Data)
				out.Data = append(out.Data, found)
			} else if found.Score > out.Data[at].Score {
				out.Data[at] = found
			}
		}
	}
	if len(in.Query) > 1 {
		slices.SortStableFunc(out.Data, func(a, b result) int { return cmp.Compare(b.Score, a.Score) })
		out.Data = out.Data[:min(len(out.Data), int(req.GetPageSize()))]
	}
	return out, nil
}

// readSearch reads the body of a search, and refuses unknown fields.
func readSearch(body io.Reader) (in searchRequest, err error) {
	data, err := io.ReadAll(body) // the gateway has already read it and limited its size
	if err != nil {
		return in, invalid("body", "cannot be read")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&in)
	_, end := decoder.Token()
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mistyped):
		return in, invalid(cmp.Or(mistyped.Field, "body"), "has the wrong type: %s", clipped(mistyped.Value))
	case err != nil:
		return in, invalid("body", "is not a search: %s", clipped(strings.TrimPrefix(err.Error(), "json: ")))
	case !errors.Is(end, io.EOF):
		return in, invalid("body", "has more than one value")
	case len(in.Query) == 0 || len(in.Query) > maxQueries:
		return in, invalid("query", "must be a question, or 1 to %d questions", maxQueries)
	}
	return in, nil
}

// request returns the request for a search, without the query.
func (in searchRequest) request(store string) (*accordv1.SearchRequest, error) {
	req := &accordv1.SearchRequest{Parent: document.CollectionName(store), PageSize: standardResults}
	if n := in.MaxNumResults; n != nil {
		if *n < 1 || *n > maxResults {
			return nil, invalid("max_num_results", "must be from 1 to %d", maxResults)
		}
		req.PageSize = int32(*n)
	}
	if threshold := in.RankingOptions.ScoreThreshold; threshold != nil {
		if *threshold < 0 || *threshold > 1 {
			return nil, invalid("ranking_options.score_threshold", "must be from 0 to 1")
		}
		req.MinRelevance = float32(*threshold)
	}
	switch in.RankingOptions.Ranker {
	case "", "auto", "default-2024-11-15":
	case "none":
		req.Rerank = new(bool)
	default:
		return nil, invalid("ranking_options.ranker", "must be auto, default-2024-11-15 or none")
	}
	var err error
	req.Filter, err = filterOf(in.Filters, req.GetParent())
	return req, err
}

func resultOf(r *accordv1.SearchResult) result {
	p, d := r.GetPassage(), r.GetDocument()
	at := place{
		Passage: p.GetName(), Citation: document.Citation(d.GetName(), p.GetRange().GetStart(), p.GetRange().GetEnd()),
		Language: p.GetLanguageCode(), Range: spanOf(p.GetRange()), Page: p.GetPage(), Label: p.GetLabel(), LabelPath: p.GetLabelPath(),
	}
	for _, h := range r.GetHighlights() {
		at.Highlights = append(at.Highlights, spanOf(h))
	}
	id := path.Base(d.GetName())
	return result{
		FileID: id, Filename: cmp.Or(d.GetMetadata()["file"], d.GetTitle(), id), Score: float64(r.GetScores().GetRelevance()),
		Attributes: attributes(d), Content: []passage{{contentPart{"text", p.GetText()}, at}}, Accord: sourceOf(d),
	}
}
