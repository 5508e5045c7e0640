package corpus_test

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// hostileRecords returns functions that make tables, records, feeds and messages that are
// meant to take long to read.
func hostileRecords() map[string]func(size int) []byte {
	return map[string]func(size int) []byte{
		"rows.csv":         repeated("title,text\n", "a%d,b\n", ""),
		"columns.csv":      repeated("", "a%d,", "\n"),
		"quotes.csv":       repeated("a,b\n", "\"\"\"\"", ""),
		"quote-open.csv":   repeated("a,b\n\"", "c,d\n", ""),
		"commas.csv":       repeated("a,b\n", ",", ""),
		"separators.csv":   repeated("", "a;b|c\td\n", ""),
		"cell.csv":         repeated("title,text\na,", "some words ", ""),
		"lines.jsonl":      repeated("", "{\"text\":\"Text %d.\"}\n", ""),
		"faults.jsonl":     repeated("", "{\"text\":\n", ""),
		"keys.jsonl":       repeated("{\"text\":\"a\"", ",\"key%d\":1", "}\n"),
		"deep.jsonl":       nested("{\"text\":\"a\",\"b\":", "[", "1", "]"),
		"deep-text.jsonl":  nested("{\"paragraphs\":", "[", "\"a\"", "]"),
		"list.jsonl":       repeated("{\"text\":\"a\",\"b\":[", "\"c\",", "1]}\n"),
		"string.jsonl":     repeated("{\"text\":\"", "\\u00e9\\n", "\"}\n"),
		"list.json":        repeated("[", "{\"text\":\"Text %d.\"},", "{\"text\":\"a\"}]"),
		"deep.json":        nested("", "{\"data\":[", "", "]}"),
		"items.rss":        repeated("<rss><channel><title>A</title>", "<item><title>T%d</title><description>Text of it.</description></item>", "</channel></rss>"),
		"pages.rss":        repeated("<rss><channel><item><description>", "&lt;p&gt;Text of it.", "</description></item></channel></rss>"),
		"nested.rss":       nested("<rss><channel>", "<a>", "", "</a>"),
		"entities.rss":     repeated("<!DOCTYPE rss [<!ENTITY a0 \"a\">", "<!ENTITY a%d \"&a0;&a0;\">", "]><rss><channel><item><title>&a9;</title></item></channel></rss>"),
		"attributes.rss":   repeated("<rss><channel><item ", "a%d='b' ", "></item></channel></rss>"),
		"bodies.rss":       repeated("<rss><channel><item>", "<description>Text of it.</description>", "</item></channel></rss>"),
		"messages.mbox":    repeated("", "From a@b.org Mon Nov 18 10:00:00 2024\nFrom: a@b.org\nSubject: No. %d\n\nText of it.\n\n", ""),
		"lines.mbox":       repeated("From a@b.org Mon Nov 18 10:00:00 2024\nFrom: a@b.org\nSubject: A\n\n", ">From a\n\n", ""),
		"heads.eml":        repeated("From: a@b.org\nSubject: A\n", "X-Key%d: value\n", "\nText.\n"),
		"one-head.eml":     repeated("From: a@b.org\nSubject: A", "\n more of it", "\n\nText.\n"),
		"addresses.eml":    repeated("From: a@b.org\nSubject: A\nTo: ", "a%d@b.org, ", "c@b.org\n\nText.\n"),
		"words.eml":        repeated("From: a@b.org\nSubject: ", "=?utf-8?q?=C3=A9?= ", "\n\nText.\n"),
		"quoted.eml":       repeated("From: a@b.org\nSubject: A\n\nText.\n", "> a\n", ""),
		"wrote.eml":        repeated("From: a@b.org\nSubject: A\n\nText.\n", "On Monday someone wrote:\n\n> a\n", ""),
		"introduced.eml":   repeated("From: a@b.org\nSubject: A\n\nText.\n", "On Monday someone\n", ""),
		"flowed.eml":       repeated("From: a@b.org\nSubject: A\nContent-Type: text/plain; format=flowed\n\n", "words of it \n", ""),
		"parts.eml":        repeated("From: a@b.org\nSubject: A\nContent-Type: multipart/mixed; boundary=b\n\n", "--b\n\nText.\n", "--b--\n"),
		"nested-parts.eml": nestedParts,
		"base64.eml": func(size int) []byte {
			text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("Text of it. ", size/16)))
			return []byte("From: a@b.org\nSubject: A\nContent-Transfer-Encoding: base64\n\n" + text)
		},
		"printable.eml":       repeated("From: a@b.org\nSubject: A\nContent-Transfer-Encoding: quoted-printable\n\n", "=C3=A9=\n", ""),
		"quotes-open.csv":     repeated("", "\"a\n", ""),
		"quotes-in.csv":       repeated("a,b\n", "\"a\"b\"c,d\n", ""),
		"returns.csv":         repeated("title,text\r", "a%d,b\r", ""),
		"blank.csv":           repeated("title,text\n", "\n", "a,b\n"),
		"metadata.csv":        repeated("text,"+strings.Repeat("k,", 900)+"\n", "a"+strings.Repeat(",v", 900)+"\n", ""),
		"same-keys.jsonl":     repeated("{\"text\":\"a\"", ",\"key\":1", "}\n"),
		"number.jsonl":        repeated("{\"text\":\"a\",\"b\":1", "0", "}\n"),
		"surrogates.jsonl":    repeated("{\"text\":\"", "\\ud800", "\"}\n"),
		"metadata.jsonl":      repeated("{\"text\":\"a\",\"metadata\":{\"k\":0", ",\"k%d\":{}", "}}\n"),
		"blocks.jsonl":        repeated("{\"text\":\"a\",\"blocks\":[", "{\"kind\":\"PARAGRAPH\",\"range\":{\"start\":0,\"end\":1}},", "{}]}\n"),
		"empty-items.rss":     repeated("<rss><channel>", "<item/>", "</channel></rss>"),
		"spaces-of-names.rss": repeated("<rss ", "xmlns:a%d='b' ", "><channel><item><title>A</title></item></channel></rss>"),
		"instructions.rss":    repeated("<rss>", "<?a b?>", "<channel><item><title>A</title></item></channel></rss>"),
		"literals.rss":        repeated("<rss><channel><item><description>", "<![CDATA[<p>a]]>", "</description></item></channel></rss>"),
		"xhtml.atom":          repeated("<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>", "<div><p>Text of it.</p></div>", "</content></entry></feed>"),
		"authors.atom":        repeated("<feed xmlns='http://www.w3.org/2005/Atom'><entry>", "<author><name>A %d</name></author>", "<content>Text.</content></entry></feed>"),
		"only-from.mbox":      repeated("", "From a\n", ""),
		"from-apart.mbox":     repeated("", "From a\n\n", ""),
		"inside.eml":          nestedMessages,
		"soft-breaks.eml":     repeated("From: a@b.org\nSubject: A\nContent-Transfer-Encoding: quoted-printable\n\n", "=\n", "Text."),
		"not-base64.eml":      repeated("From: a@b.org\nSubject: A\nContent-Transfer-Encoding: base64\n\n", "?=?=", ""),
		"parameters.eml":      repeated("From: a@b.org\nSubject: A\nContent-Type: text/plain", ";\n name*%d=a", "\n\nText.\n"),
		"boundaries.eml":      repeated("From: a@b.org\nSubject: A\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n", "--b-\n", "--b--\n"),
		"unknown-words.eml":   repeated("From: a@b.org\nSubject: ", "=?x-none?b?YQ==?= ", "\n\nText.\n"),
		"quoted-deep.eml":     repeated("From: a@b.org\nSubject: A\n\nText.\n", strings.Repeat(">", 500)+" a\n", ""),
		"attached.eml":        repeated("From: a@b.org\nSubject: A\nContent-Type: multipart/mixed; boundary=b\n\n", "--b\nContent-Type: text/plain; name=a%d.txt\n\nText of it.\n", "--b--\n"),
		"page.eml":            repeated("From: a@b.org\nSubject: A\nContent-Type: text/html\n\n", "<div class=gmail_quote>a</div>", ""),
	}
}

// nestedParts returns a message of nested parts.
func nestedParts(size int) []byte {
	var out strings.Builder
	out.WriteString("From: a@b.org\nSubject: A\n")
	for i := 0; out.Len() < size; i++ {
		fmt.Fprintf(&out, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return []byte(out.String() + "\nText.\n")
}

// nestedMessages returns a message that has a message, and so on.
func nestedMessages(size int) []byte {
	return repeated("", "From: a@b.org\nSubject: A\nContent-Type: message/rfc822\n\n", "Text.\n")(size)
}
