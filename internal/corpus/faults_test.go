package corpus_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
)

// oneDocument reads content as a file and returns what it says of its only document: its title, its
// date and its text.
func oneDocument(t *testing.T, name, content string) []string {
	t.Helper()
	file, err := read(t, name, []byte(content))
	if err != nil || len(file.Documents) != 1 {
		t.Fatalf("read %d documents, %v; want one", len(file.Documents), err)
	}
	d := file.Documents[0]
	return []string{d.Title, published(d), d.Text}
}

// TestFaultyFiles checks files as programs write them that do not keep to the rules.
func TestFaultyFiles(t *testing.T) {
	t.Parallel()
	const (
		lock = "The lock at the old harbour is open again after two winters of repairs, its keeper said."
		gate = "Boats that come after dusk have to wait at the mole until the gate opens in the morning."
	)
	page := "<!doctype html><html lang=en><title>The lock</title><body><article><h1>The lock</h1><p>" + lock + "</p><p>" + gate + "</p></article></body></html>"
	for name, tc := range map[string]struct {
		file, content string
		want          []string
	}{
		"page filled up with NULs": {"a.html", page + strings.Repeat("\x00", 300), []string{"The lock", "unknown", lock + "\n\n" + gate}},
		"page with many NULs":      {"a.html", strings.Replace(page, "</h1>", "</h1>"+strings.Repeat("\x00", 12), 1), []string{"The lock", "unknown", lock + "\n\n" + gate}},
		"folded fields of a message without the keys of programs": {
			"a.txt", "Date: Sat, 30 Apr 2022 23:10:00 -0500\nFrom: b@example.org\nSubject: A long line about\n the lock\nTo: c@example.org\nIn-Reply-To: <8@example.org>\nReferences: <7@example.org>\n <8@example.org>\n\n" + lock + "\n\n" + gate + "\n",
			[]string{"A long line about the lock", "2022-04-30T23:10:00-05:00", lock + "\n\n" + gate},
		},
		"subject in the charset of the text": {
			"a.eml", "From: b@example.org\nSubject: Die Schleuse \xf6ffnet\nDate: Thu, 5 May 2022 07:00:00 +0200\nMIME-Version: 1.0\nContent-Type: text/plain; charset=iso-8859-1\n\nDie Schleuse am alten Hafen ist nach zwei Wintern wieder ge\xf6ffnet, sagte ihr W\xe4rter.\n",
			[]string{"Die Schleuse öffnet", "2022-05-05T07:00:00+02:00", "Die Schleuse am alten Hafen ist nach zwei Wintern wieder geöffnet, sagte ihr Wärter."},
		},
		"quoted message in Polish": {
			"a.eml", "From: b@example.org\nSubject: The lock\nDate: Thu, 5 May 2022 07:00:00 +0200\nMIME-Version: 1.0\n\n" + lock + "\n\nW dniu 4.05.2022 o 18:00, Rada pisze:\n> Kiedy?\n\n" + gate + "\n",
			[]string{"The lock", "2022-05-05T07:00:00+02:00", lock + "\n\n" + gate},
		},
		"book with a posting date and its maker": {
			"a.txt", "Project Gutenberg's The Lock, by No One\n\nTitle: The Lock\n\nPosting Date: November 9, 2014 [EBook #9]\nRelease Date: May, 2002\n\n*** START OF THIS PROJECT GUTENBERG EBOOK THE LOCK ***\n\n\n\n\nProduced by A. Typist and the\nreaders of proofs\n\n\n\n" + lock + "\n\n" + gate + "\n\nEnd of the Project Gutenberg EBook of The Lock\n",
			[]string{"The Lock", "2014-11-09", lock + "\n\n" + gate},
		},
		"book with small print": {
			"a.txt", "The Project Gutenberg Etext of The Lock\n\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\nThe Lock\n\n" + lock + "\n\n" + gate + "\n\nEnd of The Project Gutenberg Etext of The Lock\n",
			[]string{"The Lock", "unknown", lock + "\n\n" + gate},
		},
		"HTML inside lines of Markdown": {
			"a.md", "# The lock\n\n" + lock + "\n\nIt moves 10<sup>3</sup> tonnes.<br>The <ruby>門<rp>(</rp><rt>もん</rt><rp>)</rp></ruby> opened <ruby>年<rt>ねん</ruby> ago, 2<sup>nd</sup> of all.\n",
			[]string{"The lock", "unknown", lock + "\n\nIt moves 10³ tonnes. The 門 opened 年 ago, 2nd of all."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, oneDocument(t, tc.file, tc.content)); diff != "" {
				t.Errorf("title, date and text (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWhatFilesSay checks titles and dates in places that are rare.
func TestWhatFilesSay(t *testing.T) {
	t.Parallel()
	const lock = "The lock at the old harbour is open again after two winters of repairs, its keeper said, and boats may pass until dusk."
	page := func(head, title string) string {
		return "<!doctype html><html lang=en><head>" + head + "</head><body><article><h1>" + title + "</h1><p>" + lock + "</p><p>" + lock + "</p></article></body></html>"
	}
	linked := func(json string) string { return `<script type="application/ld+json">` + json + "</script>" }
	for name, tc := range map[string]struct{ file, content, title, date string }{
		"ruby in the heading":         {"a.html", page("<title>水門の話</title>", "<ruby>水門<rp>(</rp><rt>すいもん</rt><rp>)</rp></ruby>の話"), "水門の話", "unknown"},
		"site in linked data":         {"a.html", page("<title>The lock - Harbour Post</title>"+linked(`{"@graph":[{"@type":"WebPage","isPartOf":{"@id":"#s"}},{"@type":"WebSite","name":"Harbour Post"}]}`), "x</h1><h1>y"), "The lock", "unknown"},
		"site behind a wide colon":    {"a.html", page(`<title>水門が開く：港新聞</title><meta property="og:site_name" content="港新聞">`, "x</h1><h1>y"), "水門が開く", "unknown"},
		"linked data with entities":   {"a.html", page("<title>The lock</title>"+linked("{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;datePublished&quot;:&quot;2022-10-11T06:45:00+03:00&quot;}"), "The lock"), "The lock", "2022-10-11T06:45:00+03:00"},
		"zone of a change soon after": {"a.html", page(`<title>The lock</title><meta property="article:published_time" content="2022-11-08T14:25:00"><meta property="article:modified_time" content="2022-11-09T08:00:00+01:00">`, "The lock"), "The lock", "2022-11-08T14:25:00+01:00"},
		"zone of a change long after": {"a.html", page(`<title>The lock</title><meta property="article:published_time" content="2022-11-08T14:25:00"><meta property="article:modified_time" content="2023-07-09T08:00:00+02:00">`, "The lock"), "The lock", "2022-11-08T14:25:00Z"},
		"JSON between rules":          {"a.md", "---json\n{\n  \"title\": \"The lock\",\n  \"date\": \"2021-06-07\"\n}\n---\n\n" + lock, "The lock", "2021-06-07"},
		"JSON between semicolons":     {"a.md", ";;;\n{\"title\": \"The lock\", \"date\": \"2021-06-07\"}\n;;;\n" + lock, "The lock", "2021-06-07"},
		"TOML between rules":          {"a.md", "---toml\ntitle = \"The lock\"\ndate = 2021-06-07\n---\n" + lock, "The lock", "2021-06-07"},
		"date in the name of a page":  {"2018-12-01-lock.html", page("<title>The lock</title>", "The lock"), "The lock", "2018-12-01"},
		"date in the name of a text":  {"2018-12-01 lock.txt", "The lock\n\n" + lock, "The lock", "2018-12-01"},
		"date of a text with a name":  {"2018-12-01 lock.txt", "The lock\n3 May 2017\n\n" + lock, "The lock", "2017-05-03"},
		"seconds since 1970":          {"a.jsonl", `{"title":"The lock","text":"` + lock + `","created_at":1620113400}`, "The lock", "2021-05-04T07:30:00Z"},
		"milliseconds since 1970":     {"a.jsonl", `{"title":"The lock","text":"` + lock + `","published_at":1620113400000}`, "The lock", "2021-05-04T07:30:00Z"},
		"number that is no time":      {"a.md", "---\ntitle: The lock\ndate: 12345\n---\n" + lock, "The lock", "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff([]string{tc.title, tc.date}, oneDocument(t, tc.file, tc.content)[:2]); diff != "" {
				t.Errorf("title and date (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMarkdownTable checks that the rows of a table are no headings.
func TestMarkdownTable(t *testing.T) {
	t.Parallel()
	file, err := read(t, "a.md", []byte("# The lock\n\nThe lock at the old harbour is open again.\n\n| Year | Boats |\n|---|---|\n| 2021 | 40 boats |\n\nBoats that come after dusk have to wait at the mole until the gate opens.\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range chunk.Passages(file.Documents[0]) {
		if p.Kind != document.KindParagraph {
			t.Errorf("passage %d is of kind %v, want a paragraph", p.Ordinal, p.Kind)
		}
	}
}
