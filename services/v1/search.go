package v1

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
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
	collection := document.CollectionID(req.GetParent())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return nil, err
	}
	queryLanguage, err := canonicalTag("query_language_code", req.GetQueryLanguageCode())
	if err != nil {
		return nil, err
	}
	bound := searchBinding(req)
	list, err := s.decodeList(req.GetPageToken(), bound)
	if err != nil {
		return nil, err
	}
	answer, err := s.cfg.Searcher.Search(ctx, search.Request{
		Query: req.GetQuery(), Collection: collection, Filter: filter,
		Policy: toPolicy(req.GetLanguagePolicy()), Language: queryLanguage,
		Limit: pageSize(req.GetPageSize(), defaultSearchPage, maxSearchPage),
		Mode:  toMode(req.GetMode()), OnFailure: toOnFailure(req.GetOnEmbedderFailure()),
		Context:        int(req.GetContextPassages()),
		KeepDuplicates: req.GetKeepDuplicates(), MaxPerDocument: int(req.GetMaxPassagesPerDocument()), Diversity: req.GetDiversity(),
		MinRelevance: req.GetMinRelevance(),
		Order:        toOrder(req.GetOrderBy()), Facets: normalisedFields(req.GetFacets()),
		Rerank: req.Rerank,
		List:   list, GroupTranslations: req.GetGroupTranslations(),
	})
	if err != nil {
		return nil, err
	}
	out := &accordv1.SearchResponse{SearchInfo: fromAnswer(answer), Facets: fromFacets(answer.Facets, req.GetFacets())}
	next, size := answer.Next, proto.Size(out)
	for i, hit := range answer.Hits {
		result := fromHit(hit)
		if size += proto.Size(result); size > maxPageBytes && i > 0 {
			next = hit.Place
			break
		}
		out.Results = append(out.Results, result)
	}
	if next < len(answer.Entries) {
		out.NextPageToken = encodeList(answer.List, next, bound, s.searchPosition(ctx))
	}
	return out, nil
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
	return &accordv1.GetDocumentResponse{Document: fromDocument(d), TextRange: fromRange(r), TextLength: int32(length)}, nil
}

// ListDocuments implements accord.v1.SearchService.
func (s *searchServer) ListDocuments(ctx context.Context, req *accordv1.ListDocumentsRequest) (*accordv1.ListDocumentsResponse, error) {
	collection := document.CollectionID(req.GetParent())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return nil, err
	}
	bound := binding("documents", collection, req.GetFilter())
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
