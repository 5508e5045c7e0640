package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestLargeDocument: a client with gRPC's default limits cannot receive the longest
// document whole, and reads it in parts.
func TestLargeDocument(t *testing.T) {
	t.Parallel()
	a := newAPI(t, serve(t, "--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, newModel()).URL, "--stop-timeout", "1m"))
	const name, part = "collections/default/documents/long", 1_000_000
	text := strings.ToValidUTF8(strings.Repeat(strings.Repeat("港口", 1600)+"。\n\n", 450)[:4<<20], "") // the longest text, 1.4 million code points
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	request := &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{Name: name, LanguageCode: "zh", Text: text}, WaitForIndex: proto.Bool(false)}
	if _, err := a.ingest.UpsertDocument(ctx, request); err != nil {
		t.Fatal(err)
	}
	if _, err := a.search.GetDocument(t.Context(), &accordv1.GetDocumentRequest{Name: name}); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("the whole document: %v, want RESOURCE_EXHAUSTED", err)
	}
	var read strings.Builder
	for start, length := int32(0), int32(1); start < length; {
		got, err := a.search.GetDocument(t.Context(), &accordv1.GetDocumentRequest{Name: name, TextRange: &accordv1.TextRange{Start: start, End: start + part}})
		if err != nil {
			t.Fatal(err)
		}
		read.WriteString(got.GetDocument().GetText())
		start, length = got.GetTextRange().GetEnd(), got.GetTextLength()
	}
	if read.String() != text {
		t.Errorf("the parts have %d bytes together, want the %d bytes of the text", read.Len(), len(text))
	}
}
