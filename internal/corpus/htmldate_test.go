package corpus_test

import (
	"strings"
	"testing"
	"time"
)

// TestDateOfPage checks which elements of a page give its date.
func TestDateOfPage(t *testing.T) {
	t.Parallel()
	const title = "<h1>The ferry sails again</h1>"
	const named = `<meta property="og:title" content="The ferry sails again">`
	ld := func(data string) string { return `<script type="application/ld+json">` + data + "</script>" }
	for name, tc := range map[string]struct{ body, want string }{
		"element named for the date":         {title + `<span class="field publishing-date">13.01.2022</span>` + story, "2022-01-13"},
		"date below before one above":        {`<b class="date">9 May 2024</b>` + title + `<p class="date">13 January 2022</p>` + story, "2022-01-13"},
		"date in a title of an element":      {title + `<abbr class="published" title="2022-01-13T08:00:00-07:00">at 8</abbr>` + story, "2022-01-13"},
		"property with its vocabulary":       {title + `<span property="schema:dateCreated" content="2022-01-13T08:00:00Z"></span>` + story, "2022-01-13"},
		"page named for its sidebar":         {`<div class="right-sidebar">` + title + `<time class="entry-date" datetime="2022-01-13">Thursday</time>` + story + "</div>", "2022-01-13"},
		"date set as a heading":              {"<h3>13.01.2022</h3>" + title + story, "2022-01-13"},
		"date set as a caption":              {title + `<p class="text-caption">13. Januar 2022</p>` + story, "2022-01-13"},
		"date of another text":               {title + story + `<div class="teaser"><h3>Bridge</h3><span class="date">13.01.2022</span></div>`, ""},
		"line below the heading":             {title + "<div>By Ana Ruiz<br>13 January 2022 | Harbour</div>" + story, "2022-01-13"},
		"line above the heading":             {"<small>13.01.2022 Harbour</small>" + title + story, "2022-01-13"},
		"year of two digits":                 {title + "<p>Ana Ruiz, 13.1.22</p>" + story, "2022-01-13"},
		"beginning of the text":              {title + "<p>13.1.2022 - The ferry sails again, and it was a long time.</p>" + story, "2022-01-13"},
		"date in the heading":                {"<h1>The ferry on 13.01.2022</h1>" + story, "2022-01-13"},
		"data of a script":                   {title + story + `<script>var page = {"publishedFirst": "2022-01-13 08:00"}</script>`, "2022-01-13"},
		"data about several texts":           {title + story + `<script>var all = [{"publishedAt": "2022-01-13"}, {"publishedAt": "2022-01-14"}]</script>`, ""},
		"date that a script shows":           {title + `<td><script>showDate("2022/01/13 01:43:09")</script></td>` + story, "2022-01-13"},
		"date that a script sends":           {title + story + strings.Repeat(story, 3) + `<script>track("2022-01-13");</script>`, ""},
		"two names of a month":               {title + `<div>تم نشره الجمعة 13 كانون الثاني / يناير 2022 09:22</div>` + story, "2022-01-13"},
		"address before a change":            {`<link rel=canonical href="https://a.example/2022/01/13/ferry"><meta property="article:modified_time" content="2022-03-01">` + title + story, "2022-01-13"},
		"change alone":                       {`<meta property="article:modified_time" content="2022-01-13">` + title + story, "2022-01-13"},
		"date of navigation":                 {title + "<nav>13.01.2022</nav>" + story, ""},
		"two dates below the heading":        {title + "<p>13.01.2022 to 15.01.2022</p>" + story, ""},
		"date in a sentence":                 {title + "<p>It sails on 13.01.2022, too.</p>" + story, ""},
		"heading below the name of the site": {named + "<h1>Harbour Post</h1><p>9 May 2024</p><div>Weather, news and more from the harbour</div><h2>The ferry sails again</h2><p>13 January 2022</p>" + story, "2022-01-13"},
		"heading longer than a rubric":       {named + "<h2>The ferry sails</h2><p>9 May 2024</p>" + title + "<p>13 January 2022</p>" + story, "2022-01-13"},
		"line before a property of any time": {named + `<meta name="date" content="2022-03-01">` + title + "<p>13.01.2022</p>" + story, "2022-01-13"},
		"line before another stamp":          {named + `<ul><li>Monday, (9 May 2024)</li></ul>` + title + "<p>13 January 2022, Ana Ruiz</p>" + story, "2022-01-13"},
		"time before a property of any time": {`<meta name="dc.date" content="2022-03-01">` + title + `<time class="label" datetime="2022-01-13">Thursday</time>` + story, "2022-01-13"},
		"time of a change":                   {`<meta name="date" content="2022-01-13">` + title + `<time class="date-modified" datetime="2022-03-01">1 March</time>` + story, "2022-01-13"},
		"aside with the facts of the text":   {title + `<aside class="meta"><a href="/ana">Ana Ruiz</a><time datetime="2022-01-13">Thursday</time></aside>` + story, "2022-01-13"},
		"byline named as that of a teaser":   {title + `<div class="teaser-small__metadata"><p>By <a href="/ana">Ana Ruiz</a> on 13 January 2022</p></div>` + story, "2022-01-13"},
		"linked data that is no JSON":        {ld(`{"@type": "NewsArticle", "headline": "The "ferry" sails", "datePublished": "2022-01-13T08:00:00+01:00"}`) + title + "<p>9 May 2024</p>" + story, "2022-01-13"},
		"linked data of two texts, no JSON":  {ld(`{"@type": "NewsArticle", "name": "The "ferry"", "datePublished": "2022-01-13"}, {"datePublished": "2022-01-14"}`) + title + story, ""},
		"linked data with the date in page":  {ld(`{"@type": "NewsArticle", "mainEntityOfPage": {"@type": "WebPage", "datePublished": "2022-01-13"}}`) + title + "<p>9 May 2024</p>" + story, "2022-01-13"},
		"month first, as the text shows":     {`<meta name="date" content="01/11/2022 12:43">` + title + story + "<p>Published: 11 January 2022</p>", "2022-01-11"},
		"month first in English":             {`<html lang="en-US"><meta name="pubdate" content="01/02/2022"><meta name="description" content="The ferry sails again, and all of the people in the town are glad that it does.">` + title + story, "2022-01-02"},
		"day first in another language":      {`<meta name="pubdate" content="13/01/2022"><meta name="description" content="Die Fähre fährt wieder, und alle in der Stadt sind froh.">` + title + story, "2022-01-13"},
		"day of the place in the address":    {`<link rel="canonical" href="https://a.example/2022/01/13/ferry"><meta property="article:published_time" content="2022-01-14T02:25:00Z">` + title + story, "2022-01-13"},
		"day after that of UTC":              {`<link rel="canonical" href="https://a.example/2022/01/13/ferry"><meta property="article:published_time" content="2022-01-12T23:25:00Z">` + title + story, "2022-01-13"},
		"address of another day":             {`<link rel="canonical" href="https://a.example/2022/01/12/ferry"><meta property="article:published_time" content="2022-01-13T13:25:00Z">` + title + story, "2022-01-13"},
		"zone in another place":              {`<meta property="article:published_time" content="2022-01-14T02:25:00Z">` + title + `<time datetime="2022-01-13T21:25:00-05:00">Thursday</time>` + story, "2022-01-13"},
		"date of appearance in German":       {title + story + `<p class="footer-line">Letzte Änderung: 9.5.2024<br>Erschienen am: 13.1.2022</p>`, "2022-01-13"},
		"last change of a wiki":              {title + story + "<footer>This page was last edited on 13 January 2022, at 12:33.</footer>", "2022-01-13"},
		"other dashes and quotes in title":   {`<meta property="og:title" content="„The ferry“ – it sails again">` + "<h1>Harbour Post</h1><p>9 May 2024</p><h2>&quot;The ferry&quot; - it sails again</h2><p>13 January 2022</p>" + story, "2022-01-13"},
		"line above before any time":         {named + `<meta name="date" content="2022-03-01"><div>13.01.2022 - Harbour</div>` + title + story, "2022-01-13"},
		"facts with much white space":        {`<meta name="date" content="2022-03-01">` + title + `<aside class="meta"><time datetime="2022-01-13">Thursday</time>` + strings.Repeat(" \n", 1000) + "</aside>" + story, "2022-01-13"},
		"date in a teaser of the whole text": {menu + `<div class="teaser-large"><h2>The ferry sails again</h2><time datetime="2022-01-13">Thursday</time>` + story + `<p>See <a href="/m">the map</a>.</p></div>`, "2022-01-13"},
		"linked data, no JSON, a date twice": {ld(`{"@type": "NewsArticle", "mainEntityOfPage": {"datePublished": "2022-01-13", "datePublished": "2022-01-13"`) + title + "<p>9 May 2024</p>" + story, "2022-01-13"},
		"long element named for the date":    {title + `<div class="date">` + story + "The last trip was on 13.01.2022.</div>", ""},
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
