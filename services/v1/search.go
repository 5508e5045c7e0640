package v1

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/convert"
)

var _ accordv1.SearchServiceServer = (*searchServer)(nil)

// Default and maximum page sizes (AIP-158).
const (
	defaultSearchPage, maxSearchPage = 10, 100
	defaultListPage, maxListPage     = 100, 1000
)

type searchServer struct {
	accordv1.UnimplementedSearchServiceServer
	*Services
}

// Search implements accord.v1.SearchService.
func (s *searchServer) Search(ctx context.Context, req *accordv1.SearchRequest) (*accordv1.SearchResponse, error) {
	asked, err := s.question(req)
	if err != nil {
		return nil, err
	}
	page, err := s.answer(ctx, asked)
	if err != nil {
		return nil, err
	}
	return page.response, nil
}

// question is a decoded request of a search.
type question struct {
	search.Request
	facets []string // names of Facets in the request
	bound  []byte   // binding of its page tokens
}

func (s *searchServer) question(req *accordv1.SearchRequest) (question, error) {
	collection := document.CollectionID(req.GetParent())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return question{}, err
	}
	queryLanguage, err := canonicalTag("query_language_code", req.GetQueryLanguageCode())
	if err != nil {
		return question{}, err
	}
	bound := searchBinding(req)
	list, err := s.decodeList(req.GetPageToken(), bound)
	if err != nil {
		return question{}, err
	}
	return question{search.Request{
		Query: req.GetQuery(), Collection: collection, Filter: filter,
		Policy: toPolicy(req.GetLanguagePolicy()), Language: queryLanguage,
		Limit: pageSize(req.GetPageSize(), defaultSearchPage, maxSearchPage),
		Mode:  toMode(req.GetMode()), OnFailure: toOnFailure(req.GetOnEmbedderFailure()),
		Context:        int(req.GetContextPassages()),
		KeepDuplicates: req.GetKeepDuplicates(), MaxPerDocument: int(req.GetMaxPassagesPerDocument()), Diversity: req.GetDiversity(),
		MinRelevance: req.GetMinRelevance(), LexicalWeight: req.LexicalWeight,
		Order: toOrder(req.GetOrderBy()), Facets: normalisedFields(req.GetFacets()),
		Rerank: req.Rerank,
		List:   list, GroupTranslations: req.GetGroupTranslations(),
	}, req.GetFacets(), bound}, nil
}

// answer answers a question with one page of results.
func (s *searchServer) answer(ctx context.Context, asked question) (*resultPage, error) {
	answer, err := s.cfg.Searcher.Search(ctx, asked.Request)
	if err != nil {
		return nil, err
	}
	page := &resultPage{
		response: &accordv1.SearchResponse{SearchInfo: fromAnswer(answer), Facets: fromFacets(answer.Facets, asked.facets)},
		list:     answer.List, next: answer.Next, bound: asked.bound,
	}
	size := proto.Size(page.response)
	for i, hit := range answer.Hits {
		result := fromHit(hit)
		if size += proto.Size(result); size > maxPageBytes && i > 0 {
			page.next = hit.Place
			break
		}
		page.response.Results, page.places = append(page.response.Results, result), append(page.places, hit.Place)
	}
	if page.next < len(page.list.Entries) {
		page.position = s.searchPosition(ctx)
		page.setToken()
	}
	return page, nil
}

func toPolicy(p accordv1.LanguagePolicy) search.Policy {
	switch p {
	case accordv1.LanguagePolicy_LANGUAGE_POLICY_QUERY_LANGUAGE:
		return search.PolicyQueryLanguage
	case accordv1.LanguagePolicy_LANGUAGE_POLICY_BALANCED:
		return search.PolicyBalanced
	default:
		return search.PolicyAny
	}
}

func toMode(m accordv1.SearchMode) search.Mode {
	switch m {
	case accordv1.SearchMode_SEARCH_MODE_SEMANTIC:
		return search.ModeSemantic
	case accordv1.SearchMode_SEARCH_MODE_LEXICAL:
		return search.ModeLexical
	default:
		return search.ModeHybrid
	}
}

func toOnFailure(f accordv1.OnEmbedderFailure) search.OnFailure {
	if f == accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL {
		return search.OnFailureFail
	}
	return search.OnFailureLexical
}

func fromAnswer(answer search.Response) *accordv1.SearchInfo {
	info := &accordv1.SearchInfo{
		Space: answer.Space.Name(), Model: answer.Space.Model,
		EmbedDuration: durationpb.New(answer.Timing.Embed), RetrieveDuration: durationpb.New(answer.Timing.Retrieve),
		RankDuration: durationpb.New(answer.Timing.Rank), FetchDuration: durationpb.New(answer.Timing.Fetch),
		CalibrationGeneration: int32(answer.Generation), QueryLanguageCode: answer.Language,
		CandidateCount: int32(answer.Candidates), LexicalDuration: durationpb.New(answer.Timing.Lexical),
		RerankDuration:   durationpb.New(answer.Timing.Rerank),
		NoConfidentMatch: answer.Confidence != search.Confident, PossiblyIncomplete: answer.PossiblyIncomplete,
		UnmatchedPhrases: answer.UnmatchedPhrases,
		MatchConfidence:  accordv1.MatchConfidence(answer.Confidence),
	}
	if answer.Null != nil {
		info.NullSimilarity = &accordv1.NullSimilarity{Mean: answer.Null.Mean, Deviation: answer.Null.Deviation}
	}
	for _, d := range answer.Degraded {
		info.Degraded = append(info.Degraded, accordv1.Degradation(d))
	}
	return info
}

// GetDocument implements accord.v1.SearchService.
func (s *searchServer) GetDocument(ctx context.Context, req *accordv1.GetDocumentRequest) (*accordv1.GetDocumentResponse, error) {
	collection, id := documentIDs(req.GetName())
	d, err := s.cfg.Store.GetDocument(ctx, collection, id, req.GetView() != accordv1.DocumentView_DOCUMENT_VIEW_BASIC)
	if err != nil {
		return nil, err
	}
	part := req.GetTextRange()
	if part == nil {
		return &accordv1.GetDocumentResponse{Document: fromDocument(d)}, nil
	}
	r, length := document.Part(d.Text, int(part.GetStart()), int(part.GetEnd()))
	d.Text, d.Blocks = r.Slice(d.Text), nil
	return &accordv1.GetDocumentResponse{Document: fromDocument(d), TextRange: convert.FromRange(r), TextLength: int32(length)}, nil
}

// ListDocuments implements accord.v1.SearchService.
func (s *searchServer) ListDocuments(ctx context.Context, req *accordv1.ListDocumentsRequest) (*accordv1.ListDocumentsResponse, error) {
	collection := document.CollectionID(req.GetParent())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return nil, err
	}
	bound := documentsBinding(collection, req.GetFilter())
	after, err := s.listAfter(req.GetPageToken(), bound)
	if err != nil {
		return nil, err
	}
	size := pageSize(req.GetPageSize(), defaultListPage, maxListPage)
	list, err := s.cfg.Store.ListDocuments(ctx, collection, filter, after, size+1)
	if err != nil && !document.MissingDefault(err, collection) {
		return nil, err
	}
	documents := make([]*accordv1.Document, len(list))
	for i, d := range list {
		documents[i] = fromDocument(d)
	}
	documents, next := cutPage(documents, size, bound)
	return &accordv1.ListDocumentsResponse{Documents: documents, NextPageToken: next}, nil
}
