package v1_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func TestGarbage(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.createCollection(t, "default")
	search := func(req *accordv1.SearchRequest) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.search.Search(ctx, req)
			return err
		}
	}
	filter := func(f *accordv1.Filter) func(context.Context) error {
		return search(&accordv1.SearchRequest{Query: "x", Filter: f})
	}
	get := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: name})
			return err
		}
	}
	remove := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.ingest.DeleteDocument(ctx, &accordv1.DeleteDocumentRequest{Name: name})
			return err
		}
	}
	upsert := func(d *accordv1.Document) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{Document: d})
			return err
		}
	}
	create := func(id string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.collections.CreateCollection(ctx, &accordv1.CreateCollectionRequest{CollectionId: id})
			return err
		}
	}
	farFuture := &timestamppb.Timestamp{Seconds: 1 << 60}
	for _, test := range []struct {
		what string
		call func(context.Context) error
		want failure
	}{
		{"no query", search(&accordv1.SearchRequest{}), invalid("query")},
		{"blank query", search(&accordv1.SearchRequest{Query: " \t\n\u3000\u00a0\u200b"}), invalid("query")},
		{"NUL query", search(&accordv1.SearchRequest{Query: "a\x00b"}), invalid("query")},
		{"only NUL", search(&accordv1.SearchRequest{Query: "\x00"}), invalid("query", "query")},
		{"query of 2,001", search(&accordv1.SearchRequest{Query: strings.Repeat("数", 2001)}), invalid("query")},
		{"query of 10,000", search(&accordv1.SearchRequest{Query: strings.Repeat("x", 10_000)}), invalid("query")},
		{"negative page", search(&accordv1.SearchRequest{Query: "x", PageSize: -1}), invalid("page_size")},
		{"101 passages a document", search(&accordv1.SearchRequest{Query: "x", MaxPassagesPerDocument: 101}), invalid("max_passages_per_document")},
		{"negative passages per document", search(&accordv1.SearchRequest{Query: "x", MaxPassagesPerDocument: -1}), invalid("max_passages_per_document")},
		{"diversity above 1", search(&accordv1.SearchRequest{Query: "x", Diversity: 1.01}), invalid("diversity")},
		{"diversity that is not a number", search(&accordv1.SearchRequest{Query: "x", Diversity: math.NaN()}), invalid("diversity")},
		{"two faults", search(&accordv1.SearchRequest{PageSize: -1}), invalid("query", "page_size")},
		{"collection without prefix", search(&accordv1.SearchRequest{Query: "x", Parent: "default"}), invalid("parent")},
		{"collection in capitals", search(&accordv1.SearchRequest{Query: "x", Parent: "collections/Default"}), invalid("parent")},
		{"collection with NUL", search(&accordv1.SearchRequest{Query: "x", Parent: "collections/a\x00"}), invalid("parent")},
		{"collection with line end", search(&accordv1.SearchRequest{Query: "x", Parent: "collections/a\n"}), invalid("parent")},
		{"unknown collection", search(&accordv1.SearchRequest{Query: "x", Parent: "collections/absent"}), failure{Code: codes.NotFound, Reason: "NOT_FOUND"}},

		{"language", filter(&accordv1.Filter{Languages: []string{"en", "'; --"}}), invalid("filter.languages[1]")},
		{"source with NUL", filter(&accordv1.Filter{Sources: []string{"\x00"}}), invalid("filter.sources")},
		{"empty source", filter(&accordv1.Filter{Sources: []string{""}}), invalid("filter.sources[0]")},
		{"document's id without its collection", filter(&accordv1.Filter{Documents: []string{"a"}}), invalid("filter.documents[0]")},
		{"document of another collection", filter(&accordv1.Filter{Documents: []string{"collections/other/documents/a"}}), invalid("filter.documents")},
		{"kind 0", filter(&accordv1.Filter{Kinds: []accordv1.PassageKind{0}}), invalid("filter.kinds[0]")},
		{"kind 99", filter(&accordv1.Filter{Kinds: []accordv1.PassageKind{99}}), invalid("filter.kinds[0]")},
		{"metadata with NUL", filter(&accordv1.Filter{Metadata: map[string]string{"a": "\x00"}}), invalid("filter.metadata")},
		{"time beyond the calendar", filter(&accordv1.Filter{PublishedAfter: farFuture}), invalid("filter.published_after")},
		{"time with odd nanoseconds", filter(&accordv1.Filter{PublishedBefore: &timestamppb.Timestamp{Nanos: -1}}), invalid("filter.published_before")},
		{"times reversed", filter(&accordv1.Filter{PublishedAfter: timestamppb.Now(), PublishedBefore: &timestamppb.Timestamp{}}), invalid("filter")},

		{"no name", get(""), invalid("name")},
		{"id without its collection", get("a"), invalid("name")},
		{"collection's name", get("collections/default"), invalid("name")},
		{"passage's name", get(name("a") + "/passages/0"), invalid("name")},
		{"long id", get(name(strings.Repeat("a", 64))), invalid("name")},
		{"path", get(name("../a")), invalid("name")},
		{"name with NUL", get(name("a\x00")), invalid("name")},
		{"absent document", get(name("absent")), failure{Code: codes.NotFound, Reason: "NOT_FOUND"}},
		{"delete no name", remove(""), invalid("name")},
		{"delete absent document", remove(name("absent")), failure{Code: codes.NotFound, Reason: "NOT_FOUND"}},

		{"no document", upsert(nil), invalid("document")},
		{"document without name", upsert(&accordv1.Document{Text: "x"}), invalid("document.name")},
		{"time that means none", upsert(&accordv1.Document{Name: name("a"), Text: "x", PublishTime: timestamppb.New(time.Time{})}), invalid("document.publish_time")},
		{"no collection id", create(""), invalid("collection_id")},
		{"collection id in capitals", create("Default"), invalid("collection_id")},
		{"collection id with hyphen at the end", create("a-"), invalid("collection_id")},
		{"collection id in use", create("default"), failure{Code: codes.AlreadyExists, Reason: "ALREADY_EXISTS"}},

		// grpc-go itself refuses these before a handler runs.
		{"20 MiB", upsert(&accordv1.Document{Name: name("a"), Text: strings.Repeat("x", 20<<20)}), failure{Code: codes.ResourceExhausted}},
		{"invalid UTF-8", s.raw(protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "\xff\xfe")), failure{Code: codes.Internal}},
		{"no message", s.raw([]byte{0x0a, 0x7f}), failure{Code: codes.Internal}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			checkFailure(t, test.call(callContext(t)), test.want)
		})
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		if err := search(&accordv1.SearchRequest{Query: "x"})(ctx); err != nil {
			t.Errorf("valid request after invalid ones: %v", err)
		}
	})
}

// raw calls Search with bytes that no generated client would send.
func (s *service) raw(message []byte) func(context.Context) error {
	return func(ctx context.Context) error {
		return s.conn.Invoke(ctx, accordv1.SearchService_Search_FullMethodName, message, &struct{}{}, grpc.ForceCodecV2(rawCodec{}))
	}
}

// rawCodec sends bytes unchanged and ignores the response.
type rawCodec struct{}

// Name implements encoding.CodecV2. It pretends that the bytes are protobuf.
func (rawCodec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

// Unmarshal implements encoding.CodecV2.
func (rawCodec) Unmarshal(mem.BufferSlice, any) error { return nil }
