package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// dropFiles is a JavaScript function that drops files, which have the given names and texts, on
// the form for an import. It returns whether the form showed that they may be dropped, and
// whether the browser was kept from opening them.
const dropFiles = `(files => {
	const form = document.querySelector("form.drop"), data = new DataTransfer();
	for (const [name, text] of Object.entries(files)) data.items.add(new File([text], name));
	const send = kind => form.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
	const kept = [send("dragover")], shown = form.classList.contains("over");
	kept.push(send("drop"));
	return shown && !kept.includes(true) && !form.classList.contains("over");
})`

// TestDroppedFiles: files that are dropped on the form are imported, and the report has a link to
// each document. If something other than a file is dropped, nothing is sent.
func TestDroppedFiles(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	b := openBrowser(t, w.url)
	b.open(t, "/admin")
	if !tell[bool](t, b, dropFiles+`({})`) || tell[string](t, b, `location.pathname`) != "/admin" {
		t.Error("something that is not a file is sent")
	}
	if !tell[bool](t, b, dropFiles+`({"one.md": "# One\n\nThe port 港口 opened.", "two.txt": "The ferry leaves at seven."})`) {
		t.Error("the form does not show that files may be dropped, or the browser opens them")
	}
	b.do(t, chromedp.WaitReady("[role=status]"))
	report := tell[string](t, b, `document.querySelector("main").textContent`)
	if !strings.Contains(report, "2 files into default") || !strings.Contains(report, "documents: 2 new") {
		t.Errorf("the report is %q", report)
	}
	b.follow(t, chromedp.Click(".report a"))
	if got := tell[string](t, b, readerText); !strings.Contains(got, "The port 港口 opened.") {
		t.Errorf("the imported document is %q", got)
	}
}

// TestScriptOfPages: a link with the cited range only in its fragment opens at the cited words,
// the citation can be copied, the reader goes to the next result and back, and files can be
// imported.
func TestScriptOfPages(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	text := "The first port opened in 2023.\n\n" + strings.Repeat("Bread is made of flour. ", 200) + "\n\nThe second port opened in 2024 🙂."
	w.put(t, "ports", map[string]any{"title": "Two ports", "source": "A source", "text": text, "languageCode": "en", "publishTime": "2024-11-14T00:00:00Z"})
	b := openBrowser(t, w.url)

	start := strings.Index(text, "The second port")
	b.do(t, chromedp.Navigate(w.url+"/read/collections/default/documents/ports#c="+spanOf(text, start, len(text))), chromedp.WaitReady("article.text mark"))
	if got := tell[string](t, b, markedWords); got != text[start:] || !tell[bool](t, b, inView) {
		t.Errorf("a link with a hash marks %q, in view: %t", got, tell[bool](t, b, inView))
	}
	b.do(t, chromedp.Click("[data-copy]"), chromedp.WaitNotPresent("[data-copy][hidden]"))
	if label := tell[string](t, b, `new Promise(done => setTimeout(() => done(document.querySelector("[data-copy]").textContent), 100))`); label != "Copied" && label != "Selected: copy it" {
		t.Errorf("the button for the citation says %q", label)
	}
	citation := strings.Join(strings.Fields(tell[string](t, b, `document.getElementById("citation").textContent`)), " ")
	if want := "“The second port opened in 2024 🙂.” Two ports, A source, 14 November 2024 " + w.url + "/read/collections/default/documents/ports?c="; !strings.HasPrefix(citation, want) {
		t.Errorf("citation %q, want %q…", citation, want)
	}

	b.open(t, "/?mode=words&q="+url.QueryEscape("second port opened"))
	b.follow(t, chromedp.Click(".results h2 a"))
	first := tell[string](t, b, markedWords)
	b.follow(t, chromedp.Click("a[rel=next]"))
	second := tell[string](t, b, markedWords)
	b.follow(t, chromedp.Click("a[rel=prev]"))
	if again := tell[string](t, b, markedWords); first != text[start:] || second != "The first port opened in 2023." || again != first {
		t.Errorf("the results are %q, %q and again %q", first, second, again)
	}

	b.open(t, "/admin")
	b.do(t, chromedp.SetUploadFiles("#files", []string{writeFile(t, t.TempDir(), "note.md", "# A note\n\nA third port opened.")}))
	b.follow(t, chromedp.Click(".drop button"))
	b.do(t, chromedp.WaitReady("[role=status]"))
	b.follow(t, chromedp.Click(".report a"))
	if got := tell[string](t, b, readerText); !strings.Contains(got, "A third port opened.") {
		t.Errorf("the imported document is %q", got)
	}
}
