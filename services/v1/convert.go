package v1

import (
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/convert"
)

// The enums of the API and of the domain have the same numbers, so that a cast converts
// them. convert_test.go checks this.

// documentIDs returns the two ids in a document name, which must be valid.
func documentIDs(name string) (collection, id string) {
	collection, id, _ = document.ParseName(name)
	return collection, id
}

// toTime decodes a time; nil becomes the zero time. It checks the range, since the protos
// have no rule for it.
func toTime(field string, t *timestamppb.Timestamp) (time.Time, error) {
	if t == nil {
		return time.Time{}, nil
	}
	if t.CheckValid() != nil {
		return time.Time{}, &document.FieldError{Field: field, Problem: "must be in the years 1 to 9999, with 0 to 999,999,999 nanoseconds"}
	}
	return t.AsTime(), nil
}

// toBound decodes the time bound of a filter; nil stays nil.
func toBound(field string, t *timestamppb.Timestamp) (*time.Time, error) {
	if t == nil {
		return nil, nil
	}
	bound, err := toTime(field, t)
	return &bound, err
}

func toDocument(in *accordv1.Document) (d document.Document, err error) {
	collection, id := documentIDs(in.GetName())
	d = convert.ToDocument(in)
	d.Collection, d.ID = collection, id
	const field = "document.publish_time"
	if d.PublishTime, err = toTime(field, in.GetPublishTime()); err == nil && in.GetPublishTime() != nil && d.PublishTime.Truncate(time.Microsecond).IsZero() {
		err = &document.FieldError{Field: field, Problem: "is " + time.Time{}.Format(time.RFC3339) + ", which many programs use for no time; leave it out"}
	}
	return d, err
}

// toPrecondition decodes a precondition; nil means that there is none.
func toPrecondition(in *accordv1.Precondition) document.Precondition {
	return document.Precondition{MustNotExist: in.GetMustNotExist(), ETag: in.GetEtag()}
}

// fromDocument encodes the fields that are set. If a document was read without its text,
// the result has neither text nor blocks.
func fromDocument(d document.Document) *accordv1.Document {
	out := convert.FromDocument(d)
	out.TextDigest, out.Etag = d.Digest, d.ETag
	out.CreateTime, out.UpdateTime = timestamppb.New(d.CreateTime), timestamppb.New(d.UpdateTime)
	out.IndexState, out.IndexError, out.IndexFailures = accordv1.IndexState(d.IndexState), d.IndexError, fromFailures(d.Collection, d.Failures)
	return out
}

// maxFailures is the maximum number of failed windows in a response, per document or
// space.
const maxFailures = 100

// fromFailures encodes the first maxFailures failures.
func fromFailures(collection string, list []document.WindowFailure) (out []*accordv1.WindowFailure) {
	for _, f := range list[:min(len(list), maxFailures)] {
		out = append(out, &accordv1.WindowFailure{
			Passage: document.PassageName(collection, f.Document, f.Ordinal), Range: convert.FromRange(f.Range),
			Reason:  fromReason(f.Reason),
			Message: f.Message,
		})
	}
	return out
}

func fromHit(hit search.Hit) *accordv1.SearchResult {
	return &accordv1.SearchResult{
		Passage:          fromPassage(hit.Document, hit.Passage),
		Document:         fromDocument(hit.Document),
		Scores:           fromScores(hit),
		Copies:           fromKeys(hit.Document.Collection, hit.Copies),
		Highlights:       fromRanges(hit.Highlights),
		MatchedTerms:     fromRanges(hit.MatchedTerms),
		PreviousPassages: fromPassages(hit.Document, hit.Previous),
		NextPassages:     fromPassages(hit.Document, hit.Next),
		Translations:     fromTranslations(hit.Document.Collection, hit.Translations),
	}
}

func fromTranslations(collection string, list []search.Translation) (out []*accordv1.Translation) {
	for _, t := range list {
		translation := &accordv1.Translation{
			Passage:      document.PassageName(collection, t.Document, t.Ordinal),
			LanguageCode: t.Language, Similarity: float32(t.Similarity),
		}
		if t.Passage != nil {
			translation.Content = fromPassage(document.Document{Collection: collection, ID: t.Document}, *t.Passage)
		}
		out = append(out, translation)
	}
	return out
}

func fromPassage(d document.Document, p document.Passage) *accordv1.Passage {
	return &accordv1.Passage{
		Name: document.PassageName(d.Collection, d.ID, p.Ordinal), Ordinal: int32(p.Ordinal),
		Kind: accordv1.PassageKind(p.Kind), Label: p.Label, Text: p.Text, LanguageCode: p.LanguageCode, Range: convert.FromRange(p.Range),
		Page: int32(p.Page), PageEnd: int32(p.PageEnd), LabelPath: p.LabelPath,
	}
}

func fromPassages(d document.Document, list []document.Passage) (out []*accordv1.Passage) {
	for _, p := range list {
		out = append(out, fromPassage(d, p))
	}
	return out
}

func fromRanges(list []document.TextRange) (out []*accordv1.TextRange) {
	for _, r := range list {
		out = append(out, convert.FromRange(r))
	}
	return out
}

// fromKeys returns the names of the passages with these keys.
func fromKeys(collection string, keys []document.PassageKey) (names []string) {
	for _, k := range keys {
		names = append(names, document.PassageName(collection, k.Document, k.Ordinal))
	}
	return names
}

// fromScores omits the scores of a leg that did not find the passage.
func fromScores(hit search.Hit) *accordv1.Scores {
	out := &accordv1.Scores{Fused: proto.Float32(float32(hit.Fused)), Relevance: proto.Float32(hit.Relevance), NamedArticle: hit.Named}
	if hit.DenseRank > 0 {
		out.DenseRank = proto.Int32(int32(hit.DenseRank))
	}
	if hit.DenseRank > 0 && hit.Compared {
		out.DenseSimilarity = proto.Float32(float32(hit.Similarity))
	}
	if hit.Pivot > 0 {
		out.PivotSimilarity = proto.Float32(float32(hit.Pivot))
	}
	if hit.Reranked {
		out.Rerank = proto.Float32(float32(hit.Rerank))
	}
	if hit.LexicalRank > 0 {
		out.LexicalScore, out.LexicalRank = proto.Float32(float32(hit.Lexical)), proto.Int32(int32(hit.LexicalRank))
	}
	return out
}

// toFilter decodes a filter that has passed the rules in the protos. It also checks that
// the filter's documents belong to the collection.
func toFilter(in *accordv1.Filter, collection string) (f document.Filter, err error) {
	for _, tag := range in.GetLanguages() {
		canonical, err := canonicalTag("filter.languages", tag)
		if err != nil {
			return f, err
		}
		f.Languages = append(f.Languages, canonical)
	}
	// Sources are normalised in the same way when they are stored, so that they compare
	// equal.
	for _, source := range in.GetSources() {
		f.Sources = append(f.Sources, norm.NFC.String(source))
	}
	if len(in.GetMetadata()) > 0 {
		f.Metadata = make(map[string]string, len(in.GetMetadata()))
	}
	for key, value := range in.GetMetadata() {
		f.Metadata[norm.NFC.String(key)] = norm.NFC.String(value)
	}
	for _, name := range in.GetDocuments() {
		parent, id := documentIDs(name)
		if parent != collection {
			return f, &document.FieldError{Field: "filter.documents", Problem: name + " is not in " + document.CollectionName(collection)}
		}
		f.Documents = append(f.Documents, id)
	}
	for _, kind := range in.GetKinds() {
		f.Kinds = append(f.Kinds, document.Kind(kind))
	}
	if f.PublishedAfter, err = toBound("filter.published_after", in.GetPublishedAfter()); err != nil {
		return f, err
	}
	if f.PublishedBefore, err = toBound("filter.published_before", in.GetPublishedBefore()); err != nil {
		return f, err
	}
	var conditions conditionReader
	if f.Conditions, err = conditions.read("filter.conditions", in.GetConditions(), 1); err != nil {
		return f, err
	}
	return f, checkNUL(f)
}

// canonicalTag returns a language tag in the form in which documents store it.
func canonicalTag(field, tag string) (string, error) {
	if tag == "" {
		return "", nil
	}
	canonical, err := language.Canonical(tag)
	if err != nil {
		return "", &document.FieldError{Field: field, Problem: err.Error()}
	}
	return canonical, nil
}

// checkNUL refuses values with NUL, which Postgres cannot store or compare.
func checkNUL(f document.Filter) error {
	for _, source := range f.Sources {
		if strings.ContainsRune(source, 0) {
			return &document.FieldError{Field: "filter.sources", Problem: "contains NUL (U+0000); remove it"}
		}
	}
	for key, value := range f.Metadata {
		if strings.ContainsRune(key+value, 0) {
			return &document.FieldError{Field: "filter.metadata", Problem: "contains NUL (U+0000); remove it"}
		}
	}
	return nil
}

func fromOutcome(o ingest.Outcome) accordv1.WriteOutcome { return accordv1.WriteOutcome(o) }

func fromCollection(c space.Collection) *accordv1.Collection {
	return &accordv1.Collection{
		Name: document.CollectionName(c.ID), ActiveSpace: c.Active.Name(), Model: c.Active.Model,
		DocumentCount: c.Documents, PassageCount: c.Passages, CreateTime: timestamppb.New(c.CreateTime),
	}
}
