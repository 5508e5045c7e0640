package v1_test

import (
	"strings"
	"testing"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestTextRange: the parts of a text together are the text, for any size of part.
func TestTextRange(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	const text = "Añ数字🎉 trade\n\nß grew."
	s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: text, Blocks: []*accordv1.Block{
		{Kind: accordv1.PassageKind_PASSAGE_KIND_CAPTION, Range: &accordv1.TextRange{End: 2}},
	}})
	length := int32(len([]rune(text)))
	part := func(r *accordv1.TextRange) *accordv1.GetDocumentResponse {
		resp, err := s.search.GetDocument(callContext(t), &accordv1.GetDocumentRequest{Name: name("a"), TextRange: r})
		if err != nil {
			t.Fatal(err)
		}
		got := resp.GetTextRange()
		if resp.GetTextLength() != length || text[got.GetStartByte():got.GetEndByte()] != resp.GetDocument().GetText() || len(resp.GetDocument().GetBlocks()) > 0 {
			t.Errorf("%v: %v", r, resp)
		}
		return resp
	}
	for size := int32(1); size <= length+1; size++ {
		var whole strings.Builder
		for start := int32(0); start < length; {
			resp := part(&accordv1.TextRange{Start: start, End: start + size})
			whole.WriteString(resp.GetDocument().GetText())
			if start = resp.GetTextRange().GetEnd(); start == 0 {
				t.Fatal("an empty part")
			}
		}
		if whole.String() != text {
			t.Errorf("parts of %d: %q", size, whole.String())
		}
	}
	if got := part(&accordv1.TextRange{Start: 2}).GetDocument().GetText(); got != text[3:] {
		t.Errorf("to the end: %q", got)
	}
	if got := part(&accordv1.TextRange{Start: 1000}); got.GetDocument().GetText() != "" || got.GetTextRange().GetStart() != length {
		t.Errorf("beyond the end: %v", got)
	}
	for _, bad := range []*accordv1.GetDocumentRequest{
		{TextRange: &accordv1.TextRange{Start: 2, End: 2}},
		{TextRange: &accordv1.TextRange{End: 3, EndByte: 3}},
		{TextRange: &accordv1.TextRange{End: 3}, View: accordv1.DocumentView_DOCUMENT_VIEW_BASIC},
	} {
		bad.Name = name("a")
		_, err := s.search.GetDocument(callContext(t), bad)
		checkFailure(t, err, invalid("text_range"))
	}
}
