package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// put writes a document with some fields.
func (w web) put(t *testing.T, id string, fields map[string]any) {
	t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	w.want(t, http.StatusOK, http.MethodPut, webDocuments+"/"+id, string(body))
}

// visible is what a page shows.
type visible struct {
	text, marked string   // text of the document in the reader, and the marked part of it
	links        []string // links to the reader
	all          string   // all text of the page
}

// look parses a page and returns what it shows.
func look(t *testing.T, page string) (v visible) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(n *html.Node, inText, inMark bool)
	walk = func(n *html.Node, inText, inMark bool) {
		if n.Type == html.TextNode {
			v.all += n.Data
			if inText {
				v.text += n.Data
			}
			if inText && inMark {
				v.marked += n.Data
			}
		}
		for _, a := range n.Attr {
			inText = inText || n.Data == "article" && a.Key == "class" && a.Val == "text"
			if n.Data == "a" && a.Key == "href" && strings.HasPrefix(a.Val, "/read/") {
				v.links = append(v.links, a.Val)
			}
		}
		for child := range n.ChildNodes() {
			walk(child, inText, inMark || n.Data == "mark")
		}
	}
	walk(root, false, false)
	return v
}

// open requests a page and returns what it shows.
func (w web) open(t *testing.T, path string) visible {
	t.Helper()
	path, _, _ = strings.Cut(path, "#")
	return look(t, w.want(t, http.StatusOK, http.MethodGet, path, ""))
}

// spanOf returns a byte range of a text as links have it: START-END in code points.
func spanOf(text string, start, end int) string {
	from := utf8.RuneCountInString(text[:start])
	return fmt.Sprintf("%d-%d", from, from+utf8.RuneCountInString(text[start:end]))
}

// unusual is a text with characters that HTML may change, or that UTF-16 and code points
// count differently.
const unusual = "\r\n First\rline & <b>bold</b>\u00a0🙂 é é.\n\n\n Second: “quoted”\t\u200bfamily 👩‍👩‍👧 x\u0301.\r\n\r\nThird, digital economy.\n\n"

// TestReaderShowsTheText: the reader has each character of the document, and marks exactly the
// cited code points, without a script, whatever range is asked for.
func TestReaderShowsTheText(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	w.put(t, "unusual", map[string]any{"title": "Unusual", "text": unusual, "languageCode": "en"})
	points := []rune(unusual)
	for start := 0; start < len(points); start += 3 {
		for _, end := range []int{start + 1, start + 7, len(points)} {
			end = min(end, len(points))
			v := w.open(t, "/read/collections/default/documents/unusual?c="+fmt.Sprintf("%d-%d", start, end))
			if v.text != unusual || v.marked != string(points[start:end]) {
				t.Fatalf("%d to %d: marked %q, want %q; the text is right: %t", start, end, v.marked, string(points[start:end]), v.text == unusual)
			}
		}
	}
	if v := w.open(t, "/read/collections/default/documents/unusual?c="+fmt.Sprintf("0-%d", len(points)+1)); v.marked != "" || !strings.Contains(v.all, "after the end of this document") {
		t.Errorf("past the end: marked %q in %q", v.marked, v.all)
	}
}

// TestLinkSurvivesEdits: a link to a result still leads to the same words after the text before
// them has changed, and the page says that they are at another place. If the words themselves
// have changed, the page says so.
func TestLinkSurvivesEdits(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	const words = "The two sides agreed to build a port on the digital economy."
	write := func(before, words string) {
		w.put(t, "deal", map[string]any{"text": before + "\n\n" + words + "\n\nThe end of it.", "languageCode": "en"})
	}
	write("Opening words.", words)
	found := w.open(t, "/?mode=words&q="+url.QueryEscape("port digital economy"))
	if len(found.links) == 0 {
		t.Fatalf("no result: %s", found.all)
	}
	link := found.links[0]
	check := func(what, marked, says string) {
		t.Helper()
		if v := w.open(t, link); v.marked != marked || !strings.Contains(v.all, says) {
			t.Errorf("%s: marked %q, and the page is %q", what, v.marked, v.all)
		}
	}
	check("unchanged", words, "1 of 1")
	write("一段更长的、全新的开头 🙂, which moves the words.", words)
	check("text before it changed", words, "The cited words are the same, at another place.")
	write("Opening words.", strings.Replace(words, "port", "pier", 1))
	check("words changed", "", "The cited words are no longer in it.")
}

// TestPageWords: the page says in words how good an answer is, and what is wrong with a
// request.
func TestPageWords(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	if v := w.open(t, "/"); !strings.Contains(v.all, "There are no documents yet") {
		t.Errorf("without documents: %s", v.all)
	}
	if v := w.open(t, "/?q=ports"); !strings.Contains(v.all, "This collection has no documents yet.") {
		t.Errorf("a question without documents: %s", v.all)
	}
	for id, text := range map[string]string{"a": "The port of Chancay opened in 2024.", "b": "Bread is baked from flour, water and salt.", "c": "The railway to the coast has two tracks."} {
		w.put(t, id, map[string]any{"title": "Title " + id, "text": text, "languageCode": "en", "source": "The Source", "publishTime": "2024-11-14T00:00:00Z"})
	}
	for path, says := range map[string][]string{
		"/?mode=words&q=port+of+Chancay":                        {"Title a", "14 November 2024", "The Source", "English", "answers", "Why is this here?", "“chancay”"},
		"/?mode=words&q=quantum+telescopes":                     {"Nothing was found."},
		"/?mode=words&q=port&from=2024-11-14&to=2024-11-14":     {"Title a"},
		"/?mode=words&q=port&from=2024-11-15":                   {"Nothing was found.", "Remove all"},
		"/?mode=words&q=port&language=zh&source=x&kind=article": {"Nothing was found.", "Chinese"},
		"/?mode=words&q=%22bread+port%22":                       {"No passage has “bread port” word for word."},
	} {
		v := w.open(t, path)
		for _, want := range says {
			if !strings.Contains(v.all, want) {
				t.Errorf("%s lacks %q: %s", path, want, v.all)
			}
		}
	}
	w.put(t, "d", map[string]any{"title": "Title d", "text": "El puerto y el port de Chancay.", "languageCode": "es", "source": "Other", "publishTime": "2023-01-05T00:00:00Z"})
	for path, want := range map[string]string{
		"&language=es":     "Language English2 Spanish1 Source Other1", // languages without the filter on languages; sources within the chosen language
		"&source=Other":    "Language Spanish1 Source The Source2 Other1",
		"&from=2024-01-01": "Published 20242 20231",
		"&kind=heading":    "Kind Paragraphs3",
		"&language=fr":     "Language English2 Spanish1 French",
	} {
		if shown := strings.Join(strings.Fields(w.open(t, "/?mode=words&q=port+railway"+path).all), " "); !strings.Contains(shown, want) {
			t.Errorf("%s: the filters lack %q: %s", path, want, shown)
		}
	}
	for order, want := range map[string][]string{"newest": {"/a?", "/d?"}, "oldest": {"/d?", "/a?"}} {
		links := w.open(t, "/?mode=words&q=port+Chancay&order="+order).links
		if len(links) != 2 || !strings.Contains(links[0], want[0]) || !strings.Contains(links[1], want[1]) || !strings.Contains(links[0], "order="+order) {
			t.Errorf("%s first: %q", order, links)
		}
	}
	facets := strings.Join(strings.Fields(w.open(t, "/?mode=words&q=port+railway").all), " ")
	for _, want := range []string{"Language English2 Spanish1", "Source The Source2 Other1", "Kind Paragraphs3", "Published 20242 20231"} {
		if !strings.Contains(facets, want) {
			t.Errorf("the filters lack %q: %s", want, facets)
		}
	}
	for path, says := range map[string]string{
		"/?q=x&language=x_": "BCP-47", "/?q=x&from=soon": "like 2024-06-29", "/?q=x&page=11": "page must be 1 to 10", "/?q=x&mode=y": "mode must be", "/?q=x&order=y": "order must be",
		"/?q=x&kind=y": "kind must be", "/?q=%ff": "UTF-8", "/?q=x&from=2024-02-02&to=2024-01-01": "before", "/?q=x;y": "separated by &",
		"/?q=" + strings.Repeat("x", 2001): "2000", "/read/collections/default/documents/a?c=3-2": "START-END", "/read/collections/default/documents/A_": "must be collections",
	} {
		if v := look(t, w.want(t, http.StatusBadRequest, http.MethodGet, path, "")); !strings.Contains(v.all, says) {
			t.Errorf("%s does not say %q: %s", path, says, v.all)
		}
	}
	if v := look(t, w.want(t, http.StatusNotFound, http.MethodGet, "/?q=x&in=nowhere", "")); !strings.Contains(v.all, "no collection with the name") {
		t.Error(v.all)
	}
	w.want(t, http.StatusNotFound, http.MethodGet, "/read/collections/default/documents/gone", "")
	w.want(t, http.StatusNotFound, http.MethodGet, "/no/such/page", "")
}

// TestPagesOfResults: the pages of results together have every result of the list once.
func TestPagesOfResults(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	for i := range 23 {
		w.put(t, "d"+string(rune('a'+i)), map[string]any{"text": "A port has number " + strings.Repeat("i", i+1) + ".", "languageCode": "en"})
	}
	seen := map[string]bool{}
	for page, want := range map[string]int{"1": 10, "2": 10, "3": 3, "4": 0} {
		v := w.open(t, "/?mode=words&q=port&page="+page)
		if len(v.links) != want || strings.Contains(v.all, "Next page") != (page < "3") || strings.Contains(v.all, "Previous page") != (page > "1") {
			t.Errorf("page %s has %d results: %s", page, len(v.links), v.all)
		}
		for _, link := range v.links {
			seen[link] = true
		}
	}
	if len(seen) != 23 {
		t.Errorf("%d different results, want 23", len(seen))
	}
}

var (
	assetPath = regexp.MustCompile(`/assets/[a-z0-9.-]+`)
	inline    = regexp.MustCompile(`<style|<script>|<[^>]*\s(style|on[a-z]+)=`)
)

// TestPageHeaders: every answer forbids inline scripts and being embedded, and the first view is
// small.
func TestPageHeaders(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	w.put(t, "a", map[string]any{"text": "One.", "languageCode": "en"})
	first, page := w.do(t, http.MethodGet, "/", "")
	size := len(page)
	for _, path := range append(assetPath.FindAllString(page, -1), "/", "/?q=one", "/?q=x&page=x", "/read/collections/default/documents/a", "/read/x", "/admin", "/login") {
		answer, body := w.do(t, http.MethodGet, path, "")
		policy := answer.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") ||
			answer.header.Get("X-Content-Type-Options") != "nosniff" || answer.code >= 500 {
			t.Errorf("%s: %d, %v", path, answer.code, answer.header)
		}
		if strings.HasPrefix(path, "/assets/") {
			size += len(body)
			if answer.code != http.StatusOK || !strings.Contains(answer.header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d, %v", path, answer.code, answer.header)
			}
		} else if inline.MatchString(body) {
			t.Errorf("%s has inline scripts, styles or handlers", path)
		}
	}
	if size > 100_000 || first.code != http.StatusOK {
		t.Errorf("the first view has %d bytes, want at most 100,000", size)
	}
	t.Logf("the first view has %d bytes", size)
}
