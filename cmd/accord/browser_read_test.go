package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// scriptCases is a folder beside the repository with questions in many scripts.
const scriptCases = "../../../shared/cases/ranking"

// questionsIn writes the documents of the cases and returns count questions about them, taken
// from the files in turn.
func (w web) questionsIn(t *testing.T, count int) (questions []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(scriptCases, "*.json"))
	if len(files) == 0 { // the cases are not beside the repository
		files, _ = filepath.Glob("testdata/collections/*.json")
	}
	byFile := make([][]string, len(files))
	for i, file := range files {
		var cases struct {
			Documents []struct{ ID, Lang, Text string }
			Queries   []struct{ Query string }
		}
		content, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(content, &cases)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range cases.Documents {
			w.put(t, fmt.Sprintf("c%d-%s", i, strings.ToLower(d.ID)), map[string]any{"text": d.Text, "languageCode": d.Lang, "title": d.ID})
		}
		for _, q := range cases.Queries {
			byFile[i] = append(byFile[i], q.Query)
		}
	}
	for i := 0; len(questions) < count; i++ {
		for _, list := range byFile {
			questions = append(questions, list[i%len(list)])
		}
	}
	return questions[:count]
}

// TestCitedWordsInBrowser: for every result of 50 questions in many scripts, the reader in a real
// browser marks exactly the characters text[start:end] of the document.
func TestCitedWordsInBrowser(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	b := openBrowser(t, w.url)
	questions := w.questionsIn(t, 50)
	w.put(t, "unusual", map[string]any{"title": "Unusual", "text": unusual, "languageCode": "en"})
	texts, seen, results := map[string][]rune{}, map[string]bool{}, 0
	for _, question := range append(questions, "digital economy family") {
		for _, link := range w.open(t, "/?q="+url.QueryEscape(question)).links {
			results++
			at, err := url.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			cited := at.Path + "?c=" + at.Query().Get("c") + "&w=" + at.Query().Get("w") // without the question, so that the same citation in another result is skipped
			if seen[cited] {
				continue
			}
			seen[cited] = true
			text := w.textOf(t, texts, strings.TrimPrefix(at.Path, "/read/"))
			var start, end int
			if _, err := fmt.Sscanf(at.Query().Get("c"), "%d-%d", &start, &end); err != nil {
				t.Fatal(err)
			}
			b.open(t, cited+"#"+at.Fragment)
			if got := tell[string](t, b, markedWords); got != string(text[start:end]) {
				t.Errorf("%s: marked %q, want %q", link, got, string(text[start:end]))
			}
			if got := tell[string](t, b, readerText); got != string(text) {
				t.Errorf("%s: the page has the text %q, want %q", link, got, string(text))
			}
		}
	}
	t.Logf("%d results with %d different citations in %d documents", results, len(seen), len(texts))
	if len(seen) < 100 {
		t.Errorf("only %d different citations", len(seen))
	}
}

// TestLongDocumentInBrowser checks that the cited words of a long document are in view, and that
// the page has the whole text, although the browser lays out only a part of it.
func TestLongDocumentInBrowser(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	var text strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&text, "Paragraph %d of a long text, in which the port 港口 🙂 opened.\n\n", i)
	}
	w.put(t, "long", map[string]any{"text": text.String(), "languageCode": "en"})
	b := openBrowser(t, w.url)
	for _, i := range []int{0, 700, 1499} {
		start := strings.Index(text.String(), fmt.Sprintf("Paragraph %d of", i))
		words := text.String()[start : start+40]
		cited := spanOf(text.String(), start, start+40)
		b.open(t, "/read/collections/default/documents/long?c="+cited+"#c="+cited)
		if got := tell[string](t, b, markedWords); got != words || !tell[bool](t, b, inView) {
			t.Errorf("paragraph %d: marked %q, in view: %t", i, got, tell[bool](t, b, inView))
		}
	}
	if got := tell[string](t, b, readerText); got != text.String() || !tell[bool](t, b, `document.querySelector("article.text.long") != null`) {
		t.Errorf("the page has %d bytes of %d", len(got), text.Len())
	}
}

// textOf returns the text of a document from the API, in code points.
func (w web) textOf(t *testing.T, known map[string][]rune, name string) []rune {
	t.Helper()
	if text, ok := known[name]; ok {
		return text
	}
	answer := &accordv1.GetDocumentResponse{}
	if err := protojson.Unmarshal([]byte(w.want(t, http.StatusOK, http.MethodGet, "/v1/"+name, "")), answer); err != nil {
		t.Fatal(err)
	}
	known[name] = []rune(answer.GetDocument().GetText())
	return known[name]
}
