package mcp

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// filterInput are the arguments that select documents or passages.
type filterInput struct {
	Languages       []string          `json:"languages,omitempty" jsonschema:"only these languages, as BCP-47 tags such as en or zh"`
	Sources         []string          `json:"sources,omitempty" jsonschema:"only these sources, as written, such as Xinhua"`
	Documents       []string          `json:"documents,omitempty" jsonschema:"only these documents: names, links or ids"`
	Kinds           []string          `json:"kinds,omitempty" jsonschema:"only passages of these kinds, or documents that have one"`
	PublishedAfter  string            `json:"published_after,omitempty" jsonschema:"published at or after this date or time, such as 2024-05-31 or 2024-05-31T10:00:00Z; documents without a date do not match"`
	PublishedBefore string            `json:"published_before,omitempty" jsonschema:"published before this date or time"`
	Metadata        map[string]string `json:"metadata,omitempty" jsonschema:"keys of the documents' metadata that must have exactly these values"`
}

// kinds are the kinds of passages.
var kinds = oneOf("paragraph", "article", "heading", "caption")

// filter returns the filter of a call in a collection.
func (f filterInput) filter(collection string) (*accordv1.Filter, error) {
	filter := &accordv1.Filter{Languages: f.Languages, Sources: f.Sources, Metadata: f.Metadata}
	for _, name := range f.Documents {
		full, _, err := documentName(name, collection)
		if err != nil {
			return nil, err
		}
		filter.Documents = append(filter.Documents, full)
	}
	for _, kind := range f.Kinds {
		filter.Kinds = append(filter.Kinds, accordv1.PassageKind(accordv1.PassageKind_value["PASSAGE_KIND_"+strings.ToUpper(kind)]))
	}
	var err error
	if filter.PublishedAfter, err = moment("published_after", f.PublishedAfter); err != nil {
		return nil, err
	}
	filter.PublishedBefore, err = moment("published_before", f.PublishedBefore)
	return filter, err
}

// moment parses a time, or a date, which means midnight UTC.
func moment(argument, text string) (*timestamppb.Timestamp, error) {
	if text == "" {
		return nil, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return timestamppb.New(t), nil
		}
	}
	return nil, invalid("%s: must be a date such as 2024-05-31, or a time such as 2024-05-31T10:00:00Z", argument)
}

// collectionName returns the name of a collection that a call gives by its name or id.
func (t *tools) collectionName(given string) (string, error) {
	id := strings.TrimPrefix(given, document.CollectionName(""))
	if id == "" {
		id = t.standard
	}
	if !document.ValidID(id) {
		return "", invalid("collection: must be an id such as news; list_collections shows them")
	}
	return document.CollectionName(id), nil
}

// documentName returns the name of a document that a call gives by its name, link or id. start
// is where the range in the link begins, or 0.
func documentName(given, collection string) (name string, start int32, err error) {
	if document.ValidID(given) {
		return collection + "/documents/" + given, 0, nil
	}
	c, ok := document.ParseCitation(given)
	if !ok {
		return "", 0, invalid("%q names no document: it must be a name, link or citation that search returned, such as accord://collections/news/documents/a#c=10-80", clipped(given, 100))
	}
	return c.Name, c.Start, nil
}

func invalid(format string, args ...any) error {
	return status.Error(codes.InvalidArgument, fmt.Sprintf(format, args...))
}
