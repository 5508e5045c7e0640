package corpus_test

import (
	"testing"
	"time"
)

// TestDateOfPage checks which elements of a page give its date.
func TestDateOfPage(t *testing.T) {
	t.Parallel()
	const title = "<h1>The ferry sails again</h1>"
	for name, tc := range map[string]struct{ body, want string }{
		"element named for the date":      {title + `<span class="field publishing-date">13.01.2022</span>` + story, "2022-01-13"},
		"date below before one above":     {`<b class="date">9 May 2024</b>` + title + `<p class="date">13 January 2022</p>` + story, "2022-01-13"},
		"date in a title of an element":   {title + `<abbr class="published" title="2022-01-13T08:00:00-07:00">at 8</abbr>` + story, "2022-01-13"},
		"property with its vocabulary":    {title + `<span property="schema:dateCreated" content="2022-01-13T08:00:00Z"></span>` + story, "2022-01-13"},
		"page named for its sidebar":      {`<div class="right-sidebar">` + title + `<time class="entry-date" datetime="2022-01-13">Thursday</time>` + story + "</div>", "2022-01-13"},
		"date set as a heading":           {"<h3>13.01.2022</h3>" + title + story, "2022-01-13"},
		"date set as a caption":           {title + `<p class="text-caption">13. Januar 2022</p>` + story, "2022-01-13"},
		"date of another text":            {title + story + `<div class="teaser"><h3>Bridge</h3><span class="date">13.01.2022</span></div>`, ""},
		"long element named for the date": {title + `<div class="date">` + story + "The last trip was on 13.01.2022.</div>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "page.html", []byte("<!doctype html><title>The ferry</title><body>"+tc.body+"</body></html>"))
			if err != nil || len(file.Documents) != 1 {
				t.Fatalf("read %d documents, %v; want one", len(file.Documents), err)
			}
			got := ""
			if at := file.Documents[0].PublishTime; !at.IsZero() {
				got = at.Format(time.DateOnly)
			}
			if got != tc.want {
				t.Errorf("the date is %q, want %q", got, tc.want)
			}
		})
	}
}
