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
		"figcaption":            {"<body><article>" + ferry + "<figure><img><figcaption>" + shown + "</figcaption></figure>" + harbour + "</article>", []string{shown}},
		"class of a caption":    {"<body><article>" + ferry + `<div class="wp-caption"><img><p class="wp-caption-text">` + shown + "</p></div>" + harbour + "</article>", []string{shown}},
		"class of a page":       {`<body class="single wp-featherlight-captions"><article>` + ferry + harbour + "</article>", nil},
		"class of an article":   {`<body><main class="with-caption"><article class="no-caption">` + ferry + harbour + "</article></main>", nil},
		"class of a long text":  {`<body><div class="theme-loop-hide-caption">` + strings.Repeat(ferry+harbour, 12) + "</div>", nil},
		"number of a figure":    {"<body><article>" + ferry + "<p>Abbildung 4: " + shown + "</p>" + harbour + "</article>", []string{"Abbildung 4: " + shown}},
		"sentence on a figure":  {"<body><article>" + ferry + "<p>Figure 4 shows how the ships wait at the quay.</p>" + harbour + "</article>", nil},
		"picture with its kind": {"<body><article>" + ferry + "<p>Symbolbild: " + shown + "</p>" + harbour + "</article>", []string{"Symbolbild: " + shown}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "page.html", []byte(`<!doctype html><html lang="en"><title>The ferry</title>`+tc.body+"</body></html>"))
			if err != nil || len(file.Documents) != 1 {
				t.Fatalf("read %d documents, %v; want one", len(file.Documents), err)
			}
			var got []string
			text := []rune(file.Documents[0].Text)
			for _, b := range file.Documents[0].Blocks {
				if b.Kind == document.KindCaption {
					got = append(got, string(text[b.Range.Start:b.Range.End]))
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("captions (-want +got):\n%s", diff)
			}
		})
	}
}
