package corpus_test

import (
	"runtime"
	"strings"
	"testing"
)

// hostilePages has functions that make web pages that are meant to take long to read.
var hostilePages = map[string]func(size int) []byte{
	"nested.html":            nested("", "<div>", "<p>Text of it is here.", "</div>"),
	"nested-open.html":       repeated("", "<div>", "Text of it is here."),
	"nested-named.html":      repeated(strings.Repeat("<div class=comments>", 400), "<b>a</b>", ""),
	"nested-spans.html":      nested("", "<span>", "Text of it is here.", "</span>"),
	"nested-sup.html":        nested("", "<sup>", "2", "</sup>"),
	"nested-tables.html":     nested("", "<table><tr><td>", "a", "</td></tr></table>"),
	"nested-lists.html":      nested("", "<ul><li>", "a", "</li></ul>"),
	"nested-code.html":       repeated(strings.Repeat("<pre>", 400), "a b c\n", ""),
	"nested-quotes.html":     nested("", "<blockquote>", "a", "</blockquote>"),
	"nested-articles.html":   nested("", "<article><h2>A</h2>", "a", "</article>"),
	"misnested.html":         repeated("", "<b><i><p>", ""),
	"misnested-links.html":   repeated("", "<a href=b><p>a", ""),
	"table.html":             repeated("<table>", "<tr>"+strings.Repeat("<td>12", 100), "</table>"),
	"table-flat.html":        repeated("<table><tr>", "<td>a", "</table>"),
	"table-text.html":        repeated("<table>", "<tr><td>A sentence of some words stands here. And another.<td>b", "</table>"),
	"tables.html":            repeated("", "<table><tr><td>a<td>b<tr><td>c<td>d</table>", ""),
	"paragraphs.html":        repeated("", "<p>A sentence of some words stands here.", ""),
	"breaks.html":            repeated("", "a<br>", ""),
	"headings.html":          repeated("", "<h2>Heading %d</h2><p>Some text that is a sentence.</p>", ""),
	"articles.html":          repeated("", "<article><h2>Heading %d</h2><time>15 November 2024</time><p>"+strings.Repeat("Some text that is a sentence. ", 9)+"</article>", ""),
	"links.html":             repeated("", "<a href=b>A link %d</a> ", ""),
	"link-list.html":         repeated("", "<li><a href=b>A link %d</a></li>", ""),
	"entities.html":          repeated("<p>", "&amp;&lt;&#x41;", ""),
	"ampersands.html":        repeated("<p>", "&", ""),
	"attributes.html":        repeated("<p ", "a%d=b ", ">Text."),
	"class.html":             repeated("<p class='", "a-b share ", "'>Text."),
	"open-tag.html":          repeated("<p>", "<a ", ""),
	"comments.html":          repeated("<p>a", "<!-- a --", ""),
	"scripts.html":           repeated("<p>a", "<script>", ""),
	"linked-data.html":       repeated("<script type='application/ld+json'>{\"@graph\":[", "{\"@type\":\"Article\",\"datePublished\":\"2024-01-02\"},", "{}]}</script><p>Text."),
	"linked-data-deep.html":  nested("<script type='application/ld+json'>", "{\"a\":", "1", "}"),
	"linked-data-many.html":  repeated("", "<script type='application/ld+json'>{\"@type\":\"Article\"}</script>", "<p>Text."),
	"meta.html":              repeated("", "<meta name=author content=a%d>", "<p>Text."),
	"times.html":             repeated("", "<time datetime=2024-11-15>15 November 2024</time>", "<p>Text."),
	"hidden.html":            repeated("", "<div style='display:none'>a</div>", "<p>Text."),
	"notes.html":             repeated("<p>", "a<sup><a href=b>%d</a></sup>", ""),
	"ruby.html":              repeated("<p>", "<ruby>双<rt>a</rt></ruby>", ""),
	"figures.html":           repeated("", "<figure><img><figcaption>A ship</figcaption></figure>", ""),
	"list.html":              repeated("<ol>", "<li>a", ""),
	"definitions.html":       repeated("<dl>", "<dt>a<dd>b", ""),
	"forms.html":             repeated("", "<form><select><option>a", ""),
	"vector.html":            nested("<p>Text.", "<svg>", "", "</svg>"),
	"one-line.html":          repeated("<p>", "some words ", "."),
	"spaces.html":            repeated("<p>a", " ", "b"),
	"roots.html":             repeated("", "<body a%d=b>", "<p>Text."),
	"srcset.html":            repeated("<p>Text.<img srcset='", "a%d.jpg 2x, ", "'>"),
	"pictures.html":          repeated("<p>Text.", "<picture><source srcset='a.webp 1x, b.webp 2x'><img src=data:image/png;base64,AAAA></picture>", ""),
	"selectors.html":         repeated("<style>", "a > b ~ c:not(.d%d) + *::before { content: '<p>' }\n", "</style><p>Text."),
	"style.html":             repeated("<p style='", "display : none ; ", "'>Text."),
	"style-many.html":        repeated("", "<p style='color:red;display:block'>a", ""),
	"linked-lists.html":      nested("<p>Text.<script type='application/ld+json'>", "[", "", "]"),
	"linked-graphs.html":     nested("<p>Text.<script type='application/ld+json'>", "{\"@graph\":[", "", "]}"),
	"linked-commas.html":     repeated("<p>Text.<script type='application/ld+json'>{\"a\":[1", ",  ", "]}"),
	"linked-types.html":      repeated("<p>Text.<script type='application/ld+json'>{\"@type\":[", "\"a/b\",", "\"NewsArticle\"]}</script>"),
	"linked-body.html":       repeated("<p>Text.<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"articleBody\":\"", "&lt;p&gt;Text of it. ", "\"}</script>"),
	"noscript.html":          repeated("", "<noscript><p>Text of it is here.</noscript>", ""),
	"formats-apart.html":     repeated("", "<b a%d>", "<p>a<p>b"),
	"formats-again.html":     repeated("", "<p><b a%d>a", ""),
	"in-table.html":          repeated("<table>", "a<b>c", ""),
	"rows-open.html":         repeated("", "<tr><td>a", ""),
	"tables-open.html":       repeated("", "<table>a", ""),
	"selects.html":           repeated("", "<select><optgroup><option>a</select>", "<p>Text."),
	"templates.html":         nested("<p>Text.", "<template>", "", "</template>"),
	"formulas.html":          nested("<p>Text.", "<math><mi>", "", "</math>"),
	"foreign.html":           nested("<p>Text.", "<svg><foreignObject>", "", "</foreignObject></svg>"),
	"frames.html":            repeated("<frameset>", "<frame src=a>", ""),
	"plaintext.html":         repeated("<p>Text.<plaintext>", "<b>", ""),
	"doctypes.html":          repeated("", "<!DOCTYPE html>", "<p>Text."),
	"declaration.html":       repeated("<!DOCTYPE ", "a ", "><p>Text."),
	"closing.html":           repeated("<p>Text.", "</b></p></div>", ""),
	"heading.html":           repeated("<h1>", "A heading ", "</h1><p>Text."),
	"headings-many.html":     repeated("", "<h1>Heading %d</h1>", "<p>Text."),
	"dates.html":             repeated("<h1>A</h1>", "<span class=date>day %d</span>", "<p>Text."),
	"items.html":             repeated("", "<meta itemprop=datePublished content='day %d'>", "<p>Text."),
	"numbered-entities.html": repeated("<p>", "&#9999999999;&#x110000;&#0;", ""),
	"named-entities.html":    repeated("<p>", "&notit;&ampersand;", ""),
	"names.html":             repeated("<p id='", "cookie-share-nav ", "'>Text."),
	"definitions-open.html":  repeated("", "<dd><dt>", "a"),
	"ruby-nested.html":       nested("", "<ruby>", "双", "<rt>a</rt></ruby>"),
	"list-numbers.html":      repeated("<ol type=i>", "<li value=999999999>a", ""),
}

// TestNestedText: elements inside each other do not each copy the text that all have.
func TestNestedText(t *testing.T) { // not parallel: it counts what all goroutines take
	const size, most = 1 << 17, 2 << 30 // models of languages take some hundred megabytes of it
	for _, open := range []string{"<div class=date>", "<time><p>", "<h1><div>"} {
		page := repeated(strings.Repeat(open, 200), "some words ", "")(size)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = read(t, "a.html", page) // an error is fine, if it comes soon
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > most {
			t.Errorf("%s: a page of %d bytes takes %d bytes", open, len(page), taken)
		}
	}
}
