package corpus_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// TestKindsOfPages checks which parts of a page are captions and headings. Neither are ranked.
func TestKindsOfPages(t *testing.T) {
	t.Parallel()
	const (
		report  = "<p>The ferry to the islands sails again on Friday after four months in the yard, its captain said.</p>"
		harbour = "<p>The harbour office asks passengers to come half an hour early and to bring their tickets with them.</p>"
		shown   = "Ships wait at the quay on a quiet day"
		lead    = "The island council has decided to pay for the ferry itself, and expects it to sail three times a day."
		asked   = "Who pays for the ferry if the island council decides that it has to sail three times every day of a winter?"
		stay    = "<p>Shortest stay in winter: two weeks</p>"
		caption = document.KindCaption
		heading = document.KindHeading
	)
	around := func(middle string) string { return "<body><article>" + report + middle + harbour + "</article>" }
	inChinese := strings.Repeat("这条渡轮在冬天", 6) + "开不开？"
	type block struct {
		Kind document.Kind
		Text string
	}
	for name, tc := range map[string]struct {
		page string
		want []block
	}{
		"figcaption":                    {around("<figure><img><figcaption>" + shown + "</figcaption></figure>"), []block{{caption, shown}}},
		"class of a caption":            {around(`<div class="wp-caption"><img><p class="wp-caption-text">` + shown + "</p></div>"), []block{{caption, shown}}},
		"class of a page":               {`<body class="single wp-featherlight-captions"><article>` + report + harbour + "</article>", nil},
		"class of an article":           {`<body><main class="with-caption"><article class="no-caption">` + report + harbour + "</article></main>", nil},
		"class of a long text":          {`<body><div class="loop-hide-caption">` + strings.Repeat(report+harbour, 12) + "</div>", nil},
		"class of a long Russian text":  {`<body><div class="hide-caption">` + report + "<p>" + strings.Repeat("Паром снова ходит каждый день. ", 60) + "</p></div>", nil},
		"credit alone":                  {around("<p>Photo: Ana Ruiz / Harbour Post</p><div>(crédito: Ana Ruiz/H.P.Press)</div>"), nil},
		"number of a figure":            {around("<p>Abbildung 4: " + shown + "</p>"), []block{{caption, "Abbildung 4: " + shown}}},
		"sentence about a figure":       {around("<p>Figure 4 shows how the ships wait at the quay.</p><p>Figure 3.2 shows the quay.</p>"), nil},
		"picture with its kind":         {around("<p>Symbolbild: " + shown + "</p>"), []block{{caption, "Symbolbild: " + shown}}},
		"marked heading":                {around("<h2>The harbour</h2>"), []block{{heading, "The harbour"}}},
		"marked sentence":               {"<body><article><h2>" + lead + "</h2>" + report + "</article>", nil},
		"marked short sentence":         {around("<h2>The ferry sails.</h2>"), []block{{heading, "The ferry sails."}}},
		"marked question":               {around("<h2>" + asked + "</h2>"), []block{{heading, asked}}},
		"marked question in quotes":     {around("<h2>“" + asked + "”</h2>"), []block{{heading, "“" + asked + "”"}}},
		"marked question in Chinese":    {around("<h2>" + inChinese + "</h2>"), []block{{heading, inChinese}}},
		"marked date":                   {around("<h2>The harbour</h2>" + harbour + "<h3>3 May 2024</h3>"), []block{{heading, "The harbour"}, {heading, "3 May 2024"}}},
		"looks like a heading":          {around("<p>The harbour</p>"), []block{{heading, "The harbour"}}},
		"looks so beside a marked one":  {around("<h2>The harbour</h2>" + report + stay), []block{{heading, "The harbour"}}},
		"looks so below a marked title": {around("<h2>The ferry</h2>" + report + "<p>The harbour</p>"), []block{{heading, "The harbour"}}},
		"looks so in a list":            {around("<ul><li>Opening hours: nine to five, closed on Mondays</li><li>Tickets at the harbour office</li></ul>"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "page.html", []byte(`<!doctype html><html lang="en"><title>The ferry</title>`+tc.page+"</body></html>"))
			if err != nil || len(file.Documents) != 1 {
				t.Fatalf("read %d documents, %v; want one", len(file.Documents), err)
			}
			var got []block
			text := []rune(file.Documents[0].Text)
			for _, b := range file.Documents[0].Blocks {
				got = append(got, block{b.Kind, string(text[b.Range.Start:b.Range.End])})
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("blocks (-want +got):\n%s", diff)
			}
		})
	}
}
