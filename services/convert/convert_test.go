package convert_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/services/convert"
)

// TestThereAndBack checks that no field is lost on the way to the API and back.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	want := document.Document{
		Title: "A", LanguageCode: "en", PublishPrecision: document.PrecisionDate, Source: "S", URI: "https://example.org", Text: "One.\n\nTwo.",
		Metadata: map[string]string{"k": "v"}, PageStarts: []int{0, 6},
		Blocks: []document.Block{{Kind: document.KindHeading, Level: 2, Range: document.TextRange{Start: 0, End: 4, StartByte: 0, EndByte: 4}}},
	}
	in := want
	in.Collection, in.ID, in.PublishTime = "c", "d", time.Unix(1, 0)
	out := convert.FromDocument(in)
	if out.GetName() != "collections/c/documents/d" || !out.GetPublishTime().AsTime().Equal(in.PublishTime) {
		t.Errorf("name %q, published %v", out.GetName(), out.GetPublishTime())
	}
	if diff := cmp.Diff(want, convert.ToDocument(out)); diff != "" {
		t.Errorf("the document (-want +got):\n%s", diff)
	}
}
