package corpus_test

import (
	"strings"
	"testing"
)

const (
	ferry    = "<p>The ferry to the northern islands sails again from Monday, after four months in the dock and a winter without any mail.</p>"
	harbour  = "<p>The harbour office sold the first two hundred tickets within an hour, and most of them went to families of the islands.</p>"
	crossing = "<p>A crossing takes three hours in calm weather, and the captain promised to wait for the bus from the valley every evening.</p>"
	story    = ferry + harbour + crossing
	short    = "The ferry sails again, and all of the islands were at the harbour to see it, with flags and with drums."
	section  = `<li><a href="/a">Town news and harbour news</a></li><li><a href="/b">Sport and leisure of the islands</a></li>`
)

// menu has more text than story, so that story is the smaller part of a page.
var menu = "<ul>" + strings.Repeat(section, 20) + "</ul>"

// TestMainText checks which lines of a page are the text of its document.
func TestMainText(t *testing.T) {
	t.Parallel()
	inside := func(attributes string) string {
		return menu + "<h1>The ferry sails again</h1><div " + attributes + ">" + story + "</div>"
	}
	whole := []string{"The ferry to the northern", "The harbour office", "A crossing takes"}
	for name, tc := range map[string]struct {
		body string
		want []string // in the text
		not  []string // not in it
	}{
		"label of a field is hidden":       {inside(`class="field field--label-hidden field__items"`), whole, nil},
		"class of a text names share":      {inside(`class="entry themeform share"`), whole, nil},
		"class of a text names its topics": {inside(`class="post-7 hentry category-newsletter tag-sharing"`), whole, nil},
		"class names its style":            {inside(`class="tagStyle_z4kq"`), whole, nil},
		"builder calls all widgets": {
			menu + `<h1>The ferry sails again</h1><div class="elementor-element elementor-widget">` + story + `<p>See <a href="/m">the map</a>.</p></div>`, whole, nil,
		},
		"text named as a teaser, with most of the prose": {
			menu + "<h2>The ferry sails again</h2>" + `<div class="teaserTyp3 newsSingle">` + story + `<p>See <a href="/m">the map</a>.</p></div>`, whole, nil,
		},
		"label between dashes":     {inside("") + "<p>- Anzeige-</p>", whole, []string{"Anzeige"}},
		"container of a component": {inside(`class="cmp-container"`), whole, nil},
		"panel of tabs":            {inside(`class="tabs-wrapper"`), whole, nil},
		"form around the text": {
			menu + "<h1>The ferry sails again</h1><div><form action=/>" + story + "<label>Search</label></form></div>", whole, []string{"Search"},
		},
		"form beside the text": {
			inside("") + "<form><label>Send me letters about the ferry and all that happens at the harbour</label><input></form>", whole, []string{"Send me letters"},
		},
		"widget beside the text": {inside("") + `<div class="widget widget_text">` + menu + "</div>", whole, []string{"Sport"}},
		"text in linked data only": {
			`<script type="application/ld+json">{"@type":"NewsArticle","headline":"The ferry","articleBody":"` +
				strings.NewReplacer("<p>", "", "</p>", `\n\n`).Replace(story) + `"}</script><h1>The ferry</h1><p>Log in to read on.</p>`,
			whole,
			[]string{"Log in"},
		},
		"text for readers without scripts": {"<h1>The ferry</h1><p>Loading the page.</p><noscript>" + story + "</noscript>", whole, []string{"Loading"}},
		"standfirst far above the text": {
			"<h1>The ferry sails again</h1><h2>Islanders have waited four months for the ship, and celebrate its first trip today.</h2>" +
				strings.Repeat("<span>1</span><br>", 20) + "<article>" + story + "</article>",
			append(whole, "Islanders have waited"), nil,
		},
		"standfirst that does not end": {
			menu + "<div><h1>The ferry sails again</h1><h2>Islanders have waited four months for the ship and celebrate its first trip today</h2></div><article>" + story + "</article>",
			append(whole, "Islanders have waited"), nil,
		},
		"only article in a column": {menu + `<div class="right-column"><article><h2>The ferry</h2>` + story + "</article></div>", whole, nil},
		"what an element has":      {inside(`class="section section--has-ads"`), whole, nil},
		"named text beside more text": {
			`<div class="entry-content"><p>` + short + `</p></div><div class="box"><p>` + strings.Repeat("I write about boats and ships. ", 8) + "</p></div>", []string{short}, nil,
		},
		"named text on a page with more text": {
			`<h1>The ferry sails again</h1><div class="post-content">` + story + "</div>" +
				strings.Repeat("<section><div><h4>News</h4></div><div><div>The train left.</div></div></section>", 40),
			whole,
			[]string{"The train left"},
		},
		"requests to readers": {
			"<article><h1>The ferry sails again</h1>" + ferry + "<h3>Never miss a story from the islands by signing up to our newsletter!</h3>" + harbour +
				"<p>Um Ihre Daten zu schützen, zeigen wir das Video erst nach einem Klick.</p><h3>Read also: The bridge is open</h3>" + crossing + "<p>Log in to comment</p></article>",
			whole,
			[]string{"Never miss", "Um Ihre", "The bridge", "Log in"},
		},
		"ingredients above the text": {
			`<div><h1>Soup of the ferry</h1><div class="recipe-ingredients print-links"><h3>For the pot</h3>` +
				`<table><tr><td>two</td><td><a href="/l">Leeks</a></td></tr><tr><td>1 l</td><td>Water</td></tr></table>` +
				`<ul><li><a href="/s">Salt of the sea</a></li><li><a href="/p">Pepper</a></li></ul></div></div>` + "<article>" + story + "</article>",
			append(whole, "For the pot", "two | Leeks", "1 l | Water", "Salt of the sea", "Pepper"), nil,
		},
		"section named as a button": {"<article><h1>The ferry sails again</h1>" + ferry + "<h3>Search</h3>" + harbour + crossing + "</article>", append(whole, "Search"), nil},
		"captions without a picture": {
			"<article><h1>The ferry sails again</h1>" + ferry + "<figure><figcaption>Photo: Jane Doe</figcaption></figure>" + harbour +
				"<figure><figcaption>Zum Vergrößern auf das Bild klicken.</figcaption><figcaption>Ships at the quay. Photo: Jane Doe</figcaption></figure>" + crossing + "</article>",
			append(whole, "Ships at the quay."),
			[]string{"\nPhoto", "Zum Vergrößern"},
		},
		"notes about the page": {inside("") + `<p class="reading-time">This takes two minutes to read</p><div class="editorial-disclosure"><p>Advertisers pay us for this.</p></div>`, whole, []string{"two minutes", "Advertisers"}},
		"sentence at the end":  {"<article><h1>The ferry sails again</h1>" + story + "<h3>Everybody on the islands is invited to the great feast at the harbour!</h3></article>", append(whole, "Everybody"), nil},
		"heading at the end":   {"<article><h1>The ferry sails again</h1>" + story + "<h3>Pictures of the meeting</h3></article>", whole, []string{"Pictures of"}},
		"link at the end":      {`<article><h1>The ferry sails again</h1>` + story + `<p><a href="/">To the overview</a></p></article>`, whole, []string{"overview"}},
		"label at the end":     {"<article><h1>The ferry sails again</h1>" + story + "<p>The map for your phone:</p></article>", whole, []string{"The map"}},
		"heading with a text": {
			"<article><h1>The ferry sails again</h1>" + ferry + harbour + "<h3>The crossing</h3>" + crossing + "</article>", append(whole, "The crossing\n"), nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "page.html", []byte(`<!doctype html><html lang="en"><title>The ferry</title><body>`+tc.body+"</body></html>"))
			if err != nil || len(file.Documents) != 1 {
				t.Fatalf("read %d documents, %v; want one", len(file.Documents), err)
			}
			text := file.Documents[0].Text
			for _, part := range tc.want {
				if !strings.Contains(text, part) {
					t.Errorf("the text has no %q:\n%s", part, text)
				}
			}
			for _, part := range tc.not {
				if strings.Contains(text, part) {
					t.Errorf("the text has %q:\n%s", part, text)
				}
			}
		})
	}
}
