package mcp

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	// maxQuote is the maximum length of a quote in the answer to a search, in code points.
	maxQuote = 2000
	// maxAnswer limits the length of all quotes of an answer, in code points, so that it fits
	// into an agent's context. The rest is left for the next page.
	maxAnswer = 16000
	// maxResults is the maximum number of results of a search, on all pages together.
	maxResults = 500
	// maxSearchPage is the largest page of a search.
	maxSearchPage = 100
)

type searchInput struct {
	Query      string `json:"query" jsonschema:"the question, in any language; quotation marks search for exact words"`
	Collection string `json:"collection,omitempty" jsonschema:"the collection to search, such as news; list_collections shows them"`
	Limit      int    `json:"limit,omitempty" jsonschema:"the maximum number of passages"`
	Cursor     string `json:"cursor,omitempty" jsonschema:"next_cursor of the answer before, to continue it; keep the other arguments"`
	Mode       string `json:"mode,omitempty" jsonschema:"hybrid: by meaning and words; semantic: by meaning alone; lexical: by words alone"`
	filterInput
	Context           int     `json:"context,omitempty" jsonschema:"how many passages before and after each one to return"`
	MinRelevance      float64 `json:"min_relevance,omitempty" jsonschema:"the least relevance of a passage, 0 to 1"`
	GroupTranslations bool    `json:"group_translations,omitempty" jsonschema:"return passages that say the same as the best one in another language as its translations"`
}

// found is a passage that a search found.
type found struct {
	quotation
	source
	Kind         string        `json:"kind" jsonschema:"paragraph, article, heading or caption"`
	Label        string        `json:"label,omitempty" jsonschema:"the number of an article as written"`
	LabelPath    []string      `json:"label_path,omitempty" jsonschema:"the headings and numbers above it, the outermost first, and its own number"`
	Page         int32         `json:"page,omitempty" jsonschema:"the page of a paged document, from 1"`
	Relevance    float64       `json:"relevance" jsonschema:"the estimated probability that the passage answers, 0 to 1"`
	Highlights   []quotation   `json:"highlights,omitempty" jsonschema:"the sentences that answer best"`
	Passage      *span         `json:"passage_range,omitempty" jsonschema:"the range of the whole passage, if the quote is only a part of it"`
	Before       []quotation   `json:"before,omitempty" jsonschema:"the passages before it"`
	After        []quotation   `json:"after,omitempty" jsonschema:"the passages after it"`
	Translations []translation `json:"translations,omitempty" jsonschema:"passages in other languages that probably say the same"`
}

type translation struct {
	Language string     `json:"language"`
	Document string     `json:"document" jsonschema:"the name of its document"`
	Text     *quotation `json:"text,omitempty" jsonschema:"its text, with group_translations"`
}

type searchOutput struct {
	Answer     string   `json:"answer" jsonschema:"confident: the passages answer; uncertain: they are on the subject but may not answer; off_topic: the collection has nothing on the subject"`
	Advice     string   `json:"advice" jsonschema:"what to tell the user about the answer"`
	Notes      []string `json:"notes,omitempty" jsonschema:"parts of the search that did not work"`
	Passages   []found  `json:"passages" jsonschema:"best first"`
	NextCursor string   `json:"next_cursor,omitempty" jsonschema:"cursor for the passages that follow; absent at the end"`
}

func (t *tools) searchPassages(ctx context.Context, in searchInput) (_ string, out searchOutput, _ error) {
	req, offset, err := t.searchRequest(in)
	if err != nil {
		return "", out, err
	}
	reply, err := t.searchFirst(ctx, req, offset+in.Limit)
	if err != nil {
		return "", out, err
	}
	results, info, more := reply.GetResults(), reply.GetSearchInfo(), reply.GetNextPageToken() != ""
	out = searchOutput{Answer: "off_topic", Passages: []found{}, Notes: notes(info)}
	out.Answer, out.Advice = confidence(info)
	length := 0
	for _, result := range results[min(offset, len(results)):] {
		passage := foundIn(result)
		if length += passage.length(); length > maxAnswer && len(out.Passages) > 0 {
			more = true
			break
		}
		out.Passages = append(out.Passages, passage)
	}
	if next := offset + len(out.Passages); more && len(out.Passages) > 0 && next < maxResults {
		out.NextCursor = strconv.Itoa(next)
	}
	return out.text(), out, nil
}

// searchRequest returns the request for a search, and how many results were shown before.
func (t *tools) searchRequest(in searchInput) (_ *accordv1.SearchRequest, offset int, err error) {
	req := &accordv1.SearchRequest{
		Query: in.Query, ContextPassages: int32(in.Context), MinRelevance: float32(in.MinRelevance), GroupTranslations: in.GroupTranslations,
		Mode: accordv1.SearchMode(accordv1.SearchMode_value["SEARCH_MODE_"+strings.ToUpper(in.Mode)]),
	}
	if in.Cursor != "" {
		if offset, err = strconv.Atoi(in.Cursor); err != nil || offset < 1 || offset >= maxResults {
			return nil, 0, invalid("cursor: must be next_cursor of an answer; leave it out to begin at the first passage")
		}
	}
	if req.Parent, err = t.collectionName(in.Collection); err != nil {
		return nil, 0, err
	}
	req.Filter, err = in.filter(req.GetParent())
	return req, offset, err
}

// searchFirst returns the first n results of a search, or all if there are fewer. It has a page
// token if there are others.
func (t *tools) searchFirst(ctx context.Context, req *accordv1.SearchRequest, n int) (*accordv1.SearchResponse, error) {
	all := &accordv1.SearchResponse{}
	for {
		req.PageSize = int32(min(n-len(all.GetResults()), maxSearchPage))
		reply, err := t.search.Search(ctx, req)
		if err != nil {
			return nil, err
		}
		if all.SearchInfo == nil {
			all.SearchInfo = reply.GetSearchInfo()
		}
		all.Results = append(all.GetResults(), reply.GetResults()...)
		all.NextPageToken = reply.GetNextPageToken()
		if all.GetNextPageToken() == "" || len(all.GetResults()) >= n {
			return all, nil
		}
		req.PageToken = all.GetNextPageToken()
	}
}

// confidence returns how sure the answer is, and what to tell the user about it.
func confidence(info *accordv1.SearchInfo) (answer, advice string) {
	switch info.GetMatchConfidence() {
	case accordv1.MatchConfidence_MATCH_CONFIDENCE_CONFIDENT:
		return "confident", "A passage probably answers. Quote it with its citation."
	case accordv1.MatchConfidence_MATCH_CONFIDENCE_UNCERTAIN:
		return "uncertain", "The passages are on the subject, but none clearly answers. Say so, and offer them to read."
	default:
		return "off_topic", "Nothing in the collection clearly answers. Say that nothing was found."
	}
}

// notes returns sentences about what failed or may be missing.
func notes(info *accordv1.SearchInfo) (said []string) {
	for _, part := range info.GetDegraded() {
		switch part {
		case accordv1.Degradation_DEGRADATION_EMBEDDER_UNAVAILABLE:
			said = append(said, "Only words were compared, because the model server did not answer. Passages in other languages may be missing.")
		case accordv1.Degradation_DEGRADATION_LEXICAL_UNAVAILABLE:
			said = append(said, "Only meanings were compared, because the search by words failed.")
		case accordv1.Degradation_DEGRADATION_RERANKER_UNAVAILABLE:
			said = append(said, "The order is less exact, because the reranking server did not answer.")
		}
	}
	if info.GetPossiblyIncomplete() {
		said = append(said, "Passages may be missing because of the filter.")
	}
	for _, phrase := range info.GetUnmatchedPhrases() {
		said = append(said, fmt.Sprintf("No passage has the words %q in this order.", phrase))
	}
	return said
}

func foundIn(result *accordv1.SearchResult) found {
	p, name := result.GetPassage(), result.GetDocument().GetName()
	f := found{
		source: sourceOf(result.GetDocument()), Kind: kindOf(p), Label: p.GetLabel(), LabelPath: p.GetLabelPath(), Page: p.GetPage(),
		Relevance: float64(result.GetScores().GetRelevance()),
	}
	f.Language = p.GetLanguageCode()
	start, skip := p.GetRange().GetStart(), 0
	highlights := result.GetHighlights()
	if utf8.RuneCountInString(p.GetText()) > maxQuote {
		if len(highlights) > 0 && highlights[0].GetEnd()-start > maxQuote {
			skip = int(highlights[0].GetStart() - start)
		}
		f.Passage = &span{start, p.GetRange().GetEnd()}
	}
	f.quotation = quote(name, start+int32(skip), clipped(skipped(p.GetText(), skip), maxQuote))
	for _, h := range highlights {
		sentence := clipped(skipped(p.GetText(), int(h.GetStart()-start)), min(int(h.GetEnd()-h.GetStart()), maxQuote))
		f.Highlights = append(f.Highlights, quote(name, h.GetStart(), sentence))
	}
	f.Before, f.After = quotes(name, result.GetPreviousPassages()), quotes(name, result.GetNextPassages())
	for _, other := range result.GetTranslations() {
		tr := translation{Language: other.GetLanguageCode(), Document: path.Dir(path.Dir(other.GetPassage()))}
		if text := other.GetContent(); text != nil {
			q := quote(tr.Document, text.GetRange().GetStart(), clipped(text.GetText(), maxQuote))
			tr.Text = &q
		}
		f.Translations = append(f.Translations, tr)
	}
	return f
}

func kindOf(p *accordv1.Passage) string {
	return strings.ToLower(strings.TrimPrefix(p.GetKind().String(), "PASSAGE_KIND_"))
}

func quotes(name string, passages []*accordv1.Passage) (list []quotation) {
	for _, p := range passages {
		list = append(list, quote(name, p.GetRange().GetStart(), clipped(p.GetText(), maxQuote)))
	}
	return list
}

// place returns what the passage is in its document, such as "article 第二章 › 第十二条, page 3".
func (f found) place() string {
	place := f.Kind
	if path := f.LabelPath; len(path) > 0 {
		place += " " + oneLine(strings.Join(path, " › "))
	} else if f.Label != "" {
		place += " " + oneLine(f.Label)
	}
	if f.Page > 0 {
		place += fmt.Sprintf(", page %d", f.Page)
	}
	return place
}

// length returns the length of all quotes of a passage in code points.
func (f found) length() (n int) {
	for _, q := range append(append([]quotation{f.quotation}, f.Before...), f.After...) {
		n += int(q.Range.End - q.Range.Start)
	}
	for _, tr := range f.Translations {
		if tr.Text != nil {
			n += int(tr.Text.Range.End - tr.Text.Range.Start)
		}
	}
	return n
}

// text returns the answer for an agent to read.
func (out searchOutput) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", out.Answer, out.Advice)
	for _, note := range out.Notes {
		fmt.Fprintln(&b, "Note:", note)
	}
	for i, p := range out.Passages {
		fmt.Fprintf(&b, "\n[%d] %s, %s, relevance %.2f\n", i+1, p.line(), p.place(), p.Relevance)
		for _, q := range p.Before {
			fmt.Fprintf(&b, "before it: %s\n%s\n", q.Citation, indented(q.Quote))
		}
		fmt.Fprintf(&b, "%s\n%s\n", p.Citation, indented(p.Quote))
		if p.Passage != nil {
			fmt.Fprintf(&b, "The passage is longer: %s\n", document.Citation(p.Document, p.Passage.Start, p.Passage.End))
		}
		for _, q := range p.After {
			fmt.Fprintf(&b, "after it: %s\n%s\n", q.Citation, indented(q.Quote))
		}
		for _, tr := range p.Translations {
			if tr.Text != nil {
				fmt.Fprintf(&b, "the same in %s: %s\n%s\n", oneLine(tr.Language), tr.Text.Citation, indented(tr.Text.Quote))
			}
		}
	}
	if out.NextCursor != "" {
		fmt.Fprintf(&b, "\nFor more passages repeat the call with cursor %s.\n", out.NextCursor)
	}
	return b.String()
}
