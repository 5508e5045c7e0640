package main

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestSearchFlags: every field of the request and of its filter has a flag.
func TestSearchFlags(t *testing.T) {
	t.Parallel()
	var c searchCmd
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(strings.Fields(`question --collection=collections/other -n 3 --page-token=x --language=zh --source=Wire --document=d
		--kind=article,heading --metadata=file=a.txt --after=2024-01-02 --before=2024-01-03 --mode=lexical --policy=query-language
		--query-language=es --on-embedder-failure=fail --min-relevance=.5 --max-per-document=2 --keep-duplicates --group-translations --where=source!=Wire --facet=source --order-by=publish_time --diversity=.3 --context=1 --no-rerank --lexical-weight=.4`))
	if err != nil {
		t.Fatal(err)
	}
	request := c.request()
	for _, m := range []protoreflect.Message{request.ProtoReflect(), request.GetFilter().ProtoReflect()} {
		fields := m.Descriptor().Fields()
		for i := range fields.Len() {
			if !m.Has(fields.Get(i)) {
				t.Errorf("%s is not set", fields.Get(i).FullName())
			}
		}
	}
	if got, want := request.GetFilter().GetKinds(), []accordv1.PassageKind{accordv1.PassageKind_PASSAGE_KIND_ARTICLE, accordv1.PassageKind_PASSAGE_KIND_HEADING}; !cmp.Equal(got, want) {
		t.Errorf("kinds %v, want %v", got, want)
	}
	if got := request.GetLanguagePolicy(); got != accordv1.LanguagePolicy_LANGUAGE_POLICY_QUERY_LANGUAGE {
		t.Errorf("policy %v", got)
	}
}

// TestPrintResult: neighbours are printed around a passage. On a terminal highlights are
// bold, even across line breaks. Control characters are removed. Highlights outside of the
// text are ignored.
func TestPrintResult(t *testing.T) {
	t.Parallel()
	const text = "Before it. 港口于今年\x1b[31m开放。 After it."
	start := int32(100)
	at := func(part string) *accordv1.TextRange {
		i := start + int32(strings.Index(text, part))
		return &accordv1.TextRange{StartByte: i, EndByte: i + int32(len(part))}
	}
	result := &accordv1.SearchResult{
		Document: &accordv1.Document{Title: "Ports", LanguageCode: "en"},
		Passage: &accordv1.Passage{
			Name: "collections/c/documents/d/passages/1", Text: text,
			Range: &accordv1.TextRange{Start: 90, End: 120, StartByte: start, EndByte: start + int32(len(text))},
		},
		Highlights: []*accordv1.TextRange{
			{StartByte: 7, EndByte: 9}, at("Before it."), at("港口于今年\x1b[31m开放。"), at("港口"), {StartByte: 110, EndByte: 999},
		},
		PreviousPassages: []*accordv1.Passage{{Text: "Once."}},
		NextPassages:     []*accordv1.Passage{{Text: "Then."}, {Text: "At last."}},
		Copies:           []string{"collections/c/documents/e/passages/4"},
		Scores:           &accordv1.Scores{Relevance: new(float32)},
	}
	const frame = `2. Ports (en)
   collections/c/documents/d/passages/1 [90:120]  relevance 0.00
      Once.
   @
      Then.
      At last.
   the same in collections/c/documents/e/passages/4

`
	for bold, want := range map[bool]string{
		true:  "\x1b[1mBefore it.\x1b[22m \x1b[1m港口于今年[31m开放。\x1b[22m After it.",
		false: "Before it. 港口于今年[31m开放。 After it.",
	} {
		var out strings.Builder
		printResult(&out, 2, result, bold)
		if diff := cmp.Diff(strings.Replace(frame, "@", want, 1), out.String()); diff != "" {
			t.Errorf("bold %t (-want +got):\n%s", bold, diff)
		}
	}
	// The marks of bold text have no width.
	p := result.GetPassage()
	marked := wrap(emphasise(p, result.GetHighlights()), 16, " ")
	plain := wrap(emphasise(p, nil), 16, " ")
	if diff := cmp.Diff(plain, strings.ReplaceAll(marked, boldMark, "")); diff != "" {
		t.Errorf("lines with marks (-without +with):\n%s", diff)
	}
}
