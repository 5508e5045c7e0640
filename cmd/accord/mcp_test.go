package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// agentTexts are documents in several scripts, with characters outside of the basic plane and a
// passage that is too long for one answer.
var agentTexts = map[string]string{
	"en":   "The port of Chancay opened in 2024.\n\nIts cranes 🏗🏗 are new. Ships of any draught may call there. " + strings.Repeat("They carry copper and grapes across the ocean. ", 60) + "\n\nCaptains agreed.",
	"zh":   "一、双方一致同意，钱凯港于今年年底以前正式开港运营。𠮷祥如意。\n二、双方同意继续就港口合作进行协商。",
	"ar":   "افتتح ميناء تشانكاي في عام 2024.\n\nاتفق الجانبان على مواصلة التعاون في مجال الموانئ.",
	"long": strings.Repeat("Trade of the port of Chancay grew again. ", 30) + "\n\n" + strings.Repeat("Nothing else happened. ", 1500),
}

func (w web) putAgentTexts(t *testing.T) {
	t.Helper()
	for id, text := range agentTexts {
		body, _ := json.Marshal(map[string]any{"text": text, "title": "Ports " + id, "source": "Wire", "publishTime": "2024-11-14T08:30:00Z", "metadata": map[string]string{"file": id + ".txt"}})
		w.want(t, http.StatusOK, http.MethodPut, webDocuments+"/"+id, string(body))
	}
}

// TestAgentsSearchAndCite: over HTTP and over standard input, a client of MCP searches, reads and
// cites, and each quote is exactly the text of its range.
func TestAgentsSearchAndCite(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	w.putAgentTexts(t)
	for name, a := range map[string]agent{"http": w.agent(t, ""), "stdio": localAgent(t, w.addr)} {
		t.Run(name, func(t *testing.T) {
			var tools []string
			for tool := range a.outputs {
				tools = append(tools, tool)
			}
			slices.Sort(tools)
			if diff := cmp.Diff([]string{"get_document", "get_passages", "list_collections", "list_documents", "search"}, tools); diff != "" {
				t.Errorf("tools (-want +got):\n%s", diff)
			}
			a.searchAndCite(t)
			a.readOn(t)
			a.list(t)
		})
	}
}

// searchAndCite checks all quotes of a search, read page by page.
func (a agent) searchAndCite(t *testing.T) {
	t.Helper()
	seen, clipped := map[string]bool{}, false
	cursor := ""
	for {
		var out struct {
			Answer, Advice string
			Passages       []foundPassage
			NextCursor     string `json:"next_cursor"`
		}
		args := map[string]any{"query": "port of Chancay", "limit": 3, "context": 1}
		if cursor != "" {
			args["cursor"] = cursor
		}
		text := a.call(t, "search", args, &out)
		if out.Answer == "" || out.Advice == "" || !strings.Contains(text, out.Advice) {
			t.Errorf("the answer does not say how sure it is: %s", text)
		}
		for _, p := range out.Passages {
			if seen[p.Citation] {
				t.Errorf("%s is on two pages", p.Citation)
			}
			seen[p.Citation] = true
			clipped = clipped || p.PassageRange != nil
			for _, q := range slices.Concat([]quotation{p.quotation}, p.Highlights, p.Before, p.After) {
				a.checkQuote(t, q, p.Document)
				if !strings.Contains(text, q.Citation) && !slices.Contains(p.Highlights, q) {
					t.Errorf("the text lacks %s", q.Citation)
				}
			}
		}
		if cursor = out.NextCursor; cursor == "" {
			break
		}
	}
	if len(seen) < 8 || !clipped {
		t.Errorf("%d passages, a long one among them: %v", len(seen), clipped)
	}
}

// checkQuote checks that a quote is the text of its range, in the document and as a resource.
func (a agent) checkQuote(t *testing.T, q quotation, document string) {
	t.Helper()
	if want := string([]rune(agentTexts[document[strings.LastIndex(document, "/")+1:]])[q.Range.Start:q.Range.End]); q.Quote != want {
		t.Errorf("%s: %q, want %q", q.Citation, q.Quote, want)
	}
	read, err := a.ReadResource(limited(t), &sdk.ReadResourceParams{URI: q.Citation})
	if err != nil {
		t.Errorf("%s: %v", q.Citation, err)
	} else if read.Contents[0].Text != q.Quote {
		t.Errorf("the resource %s: %q, want %q", q.Citation, read.Contents[0].Text, q.Quote)
	}
}

// readOn reads a whole document part by part, as a resource, and around citations.
func (a agent) readOn(t *testing.T) {
	t.Helper()
	var whole strings.Builder
	for start := 0; ; {
		var part struct {
			quotation
			TextLength int `json:"text_length"`
			NextStart  int `json:"next_start"`
			Metadata   map[string]string
		}
		a.call(t, "get_document", map[string]any{"document": "long", "start": start}, &part)
		whole.WriteString(part.Quote)
		if part.TextLength != len([]rune(agentTexts["long"])) || part.Metadata["file"] != "long.txt" {
			t.Errorf("get_document: %d, %v", part.TextLength, part.Metadata)
		}
		if start = part.NextStart; start == 0 {
			break
		}
	}
	read, err := a.ReadResource(limited(t), &sdk.ReadResourceParams{URI: "accord://collections/default/documents/long"})
	if err != nil {
		t.Fatal(err)
	}
	if whole.String() != agentTexts["long"] || read.Contents[0].Text != agentTexts["long"] {
		t.Errorf("the parts have %d bytes, the resource %d, the document %d", whole.Len(), len(read.Contents[0].Text), len(agentTexts["long"]))
	}
	var out struct {
		Passages []struct {
			Text                       *quotation
			Before, After, Rest, Error string
		}
	}
	const link = "accord://collections/default/documents/"
	a.call(t, "get_passages", map[string]any{"context": 4, "citations": []string{
		link + "zh#c=2-6", link + "long#c=10-25000", link + "absent#c=1-2", link + "zh#c=1000-1001", "collections/default/documents/en#c=0-3",
	}}, &out)
	zh := []rune(agentTexts["zh"])
	if p := out.Passages[0]; p.Text == nil || p.Before != string(zh[:2]) || p.Text.Quote != string(zh[2:6]) || p.After != string(zh[6:10]) {
		t.Errorf("around a citation: %+v", p)
	}
	if p := out.Passages[1]; p.Text == nil || p.Rest != link+"long#c=4010-25000" || p.Text.Range.End != 4010 {
		t.Errorf("a long citation: %+v", p.Rest)
	}
	if out.Passages[2].Error == "" || !strings.Contains(out.Passages[3].Error, "has only") || out.Passages[4].Text == nil || out.Passages[4].Text.Quote != "The" {
		t.Errorf("other citations: %+v", out.Passages[2:])
	}
	a.call(t, "get_passages", map[string]any{"citations": []string{"collections/default/documents/zh/passages/1", "collections/default/documents/zh/passages/99"}}, &out)
	if p := out.Passages[0]; p.Text == nil || p.Text.Quote != "二、双方同意继续就港口合作进行协商。" || out.Passages[1].Error == "" {
		t.Errorf("names of passages: %+v", out.Passages)
	}
	var found struct{ Passages []foundPassage }
	if text := a.call(t, "search", map[string]any{"query": "继续就港口合作进行协商", "languages": []string{"zh"}, "limit": 1}, &found); !strings.Contains(text, "zh), article 二") {
		t.Errorf("the text does not say which passage it is: %s", text)
	}
}

// list lists documents page by page, and collections.
func (a agent) list(t *testing.T) {
	t.Helper()
	var names []string
	for cursor := ""; ; {
		var out struct {
			Documents  []foundPassage
			NextCursor string `json:"next_cursor"`
		}
		args := map[string]any{"limit": 3, "published_after": "2024-11-14", "sources": []string{"Wire"}}
		if cursor != "" {
			args["cursor"] = cursor
		}
		a.call(t, "list_documents", args, &out)
		for _, d := range out.Documents {
			names = append(names, strings.TrimPrefix(d.Link, "accord://collections/default/documents/"))
		}
		if cursor = out.NextCursor; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"ar", "en", "long", "zh"}, names); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	var out struct {
		Collections []struct {
			Name      string
			Documents int
		}
	}
	a.call(t, "list_collections", nil, &out)
	if len(out.Collections) != 1 || out.Collections[0].Name != "collections/default" || out.Collections[0].Documents != 4 {
		t.Errorf("collections: %+v", out)
	}
}

// TestLocalAgentCollection: calls that name no collection use that of --collection.
func TestLocalAgentCollection(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	c := dialWith(t, clientFlags{Addr: addr})
	if _, err := c.collections.CreateCollection(limited(t), &accordv1.CreateCollectionRequest{CollectionId: "news"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ingest.UpsertDocument(limited(t), &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{Name: "collections/news/documents/a", Text: "The port opened."}}); err != nil {
		t.Fatal(err)
	}
	var out struct{ Passages []foundPassage }
	localAgent(t, addr, "--collection", "news").call(t, "search", map[string]any{"query": "the port"}, &out)
	if len(out.Passages) != 1 || out.Passages[0].Document != "collections/news/documents/a" {
		t.Errorf("%+v", out)
	}
	text := localAgent(t, "127.0.0.1:1").failure(t, "search", map[string]any{"query": "the port"})
	if !strings.Contains(text, "no server answers at 127.0.0.1:1") {
		t.Errorf("without a server: %s", text)
	}
}
