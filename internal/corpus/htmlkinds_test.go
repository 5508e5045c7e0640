package corpus_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// TestCaptionsOfPages checks which parts of a page are captions. What is a caption is not ranked.
func TestCaptionsOfPages(t *testing.T) {
	t.Parallel()
	const (
		ferry   = "<p>The ferry to the islands sails again on Friday after four months in the yard, its captain said.</p>"
		harbour = "<p>The harbour office asks passengers to come half an hour early and to bring their tickets with them.</p>"
		shown   = "Ships wait at the quay on a quiet day"
	)
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"figcaption":                            {"<body><article>" + ferry + "<figure><img><figcaption>" + shown + "</figcaption></figure>" + harbour + "</article>", []string{shown}},
		"class of a caption":                    {"<body><article>" + ferry + `<div class="wp-caption"><img><p class="wp-caption-text">` + shown + "</p></div>" + harbour + "</article>", []string{shown}},
		"class of a page":                       {`<body class="single wp-featherlight-captions"><article>` + ferry + harbour + "</article>", nil},
		"class of an article":                   {`<body><main class="with-caption"><article class="no-caption">` + ferry + harbour + "</article></main>", nil},
		"class of a long text":                  {`<body><div class="theme-loop-hide-caption">` + strings.Repeat(ferry+harbour, 12) + "</div>", nil},
		"class of a long text in other letters": {`<body><div class="hide-caption">` + ferry + "<p>" + strings.Repeat("Паром снова ходит каждый день. ", 60) + "</p></div>", nil},
		"number of a figure":                    {"<body><article>" + ferry + "<p>Abbildung 4: " + shown + "</p>" + harbour + "</article>", []string{"Abbildung 4: " + shown}},
		"sentence on a figure":                  {"<body><article>" + ferry + "<p>Figure 4 shows how the ships wait at the quay.</p>" + harbour + "</article>", nil},
		"picture with its kind":                 {"<body><article>" + ferry + "<p>Symbolbild: " + shown + "</p>" + harbour + "</article>", []string{"Symbolbild: " + shown}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, blocksOf(t, tc.body, document.KindCaption)); diff != "" {
				t.Errorf("captions (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHeadingsOfPages checks which lines of a page are headings, which are not ranked either.
func TestHeadingsOfPages(t *testing.T) {
	t.Parallel()
	const (
		report = "<p>The ferry to the islands sails again on Friday after four months in the yard, its captain said.</p>"
		lead   = "The island council has decided to pay for the ferry itself, and expects it to sail three times a day."
		asked  = "Who pays for the ferry if the island council decides that it has to sail three times every day of a winter?"
	)
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"heading":            {"<body><article>" + report + "<h2>The harbour</h2>" + report + "</article>", []string{"The harbour"}},
		"sentence as a lead": {"<body><article><h2>" + lead + "</h2>" + report + "</article>", nil},
		"short sentence":     {"<body><article>" + report + "<h2>The ferry sails.</h2>" + report + "</article>", []string{"The ferry sails."}},
		"long question":      {"<body><article>" + report + "<h2>" + asked + "</h2>" + report + "</article>", []string{asked}},
		"look of a heading":  {"<body><article>" + report + "<p>The harbour</p>" + report + "</article>", []string{"The harbour"}},
		"look of a heading beside a heading": {
			"<body><article>" + report + "<h2>The harbour</h2>" + report + "<p>Shortest stay in winter: two weeks</p>" + report + "</article>", []string{"The harbour"},
		},
		"long question in Chinese": {
			"<body><article>" + report + "<h2>" + strings.Repeat("这条渡轮在冬天", 6) + "开不开？</h2>" + report + "</article>", []string{strings.Repeat("这条渡轮在冬天", 6) + "开不开？"},
		},
		"items of a list": {
			"<body><article>" + report + "<ul><li>Opening hours: nine to five, closed on Mondays</li><li>Tickets at the harbour office</li></ul>" + report + "</article>", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, blocksOf(t, tc.body, document.KindHeading)); diff != "" {
				t.Errorf("headings (-want +got):\n%s", diff)
			}
		})
	}
}

// blocksOf returns the texts of the blocks of a kind of the only document of a page.
func blocksOf(t *testing.T, body string, kind document.Kind) (texts []string) {
	t.Helper()
	file, err := read(t, "page.html", []byte(`<!doctype html><html lang="en"><title>The ferry</title>`+body+"</body></html>"))
	if err != nil || len(file.Documents) != 1 {
		t.Fatalf("read %d documents, %v; want one", len(file.Documents), err)
	}
	text := []rune(file.Documents[0].Text)
	for _, b := range file.Documents[0].Blocks {
		if b.Kind == kind {
			texts = append(texts, string(text[b.Range.Start:b.Range.End]))
		}
	}
	return texts
}
