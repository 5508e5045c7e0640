package corpus

import (
	"embed"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/accord-search/accord/internal/corpus/mail"
	"github.com/accord-search/accord/internal/corpus/pattern"
)

//go:embed mail.txt
var mailFile embed.FS

var (
	mailPatterns = pattern.MustLoad(mailFile, "mail.txt", nil)
	wroteRE      = mailPatterns.Regexp("above a quotation")
	originalRE   = mailPatterns.Regexp("between messages")
	forwardedRE  = mailPatterns.Regexp("above a forwarded message")
	forwardsRE   = mailPatterns.Regexp("subject of a forwarded message")
	senderRE     = mailPatterns.Regexp("sender in a head")
	headRE       = mailPatterns.Regexp("line of a head")
)

// Why parts of a message are dropped.
const (
	isSignature = "signature"
	isQuoted    = "quoted mail"
	isHead      = "head of a forwarded message"
)

// maxFields bounds the fields of a head.
const maxFields = 20

// quoted returns for each row of a message why it is dropped, or "" if it is kept. If the
// message forwards another one, that one is kept without its head.
func quoted(rows []string, forwards bool) []string {
	why := make([]string, len(rows))
	rest, text := "", false // rest is why all rows that follow are dropped
	for i := 0; i < len(rows); i++ {
		row := strings.TrimSpace(rows[i])
		between := originalRE.MatchString(row)
		size := headSize(rows, i, between)
		switch {
		case rest != isQuoted && size > 0 && (forwards || !text && !between || forwardedRE.MatchString(row)):
			for range size {
				why[i] = isHead
				i++
			}
			i--
			rest = ""
		case rest != "":
			why[i] = rest
		case row == "--":
			rest, why[i] = isSignature, isSignature
		case text && size > 0:
			rest, why[i] = isQuoted, isQuoted
		case strings.HasPrefix(rows[i], ">"), introduces(rows, i):
			why[i] = isQuoted
		default:
			text = text || row != ""
		}
	}
	return why
}

// headSize returns how many rows from row i are the head of another message: the line between
// messages, if there is one, and fields such as "From: …". It returns 0 if there is no head.
func headSize(rows []string, i int, between bool) int {
	row := strings.TrimSpace(rows[i])
	marked := between || forwardedRE.MatchString(row)
	if !marked && !senderRE.MatchString(row) {
		return 0
	}
	end, fields := i, 0
	if marked {
		for end++; end < len(rows) && strings.TrimSpace(rows[end]) == ""; end++ {
		}
	}
	for ; end < len(rows) && fields < maxFields && headRE.MatchString(strings.TrimSpace(rows[end])); end++ {
		fields++
	}
	switch {
	case fields >= 3, marked && fields > 0:
		return end - i
	case marked:
		return 1
	}
	return 0
}

// withoutQuotes returns a plain text of a message without what it quotes and its signature, and
// what it dropped.
func withoutQuotes(text string, b mail.Body, forwards bool) (string, []Dropped) {
	rows := strings.Split(text, "\n")
	var kept []string
	var dropped []Dropped
	for i, why := range quoted(rows, forwards) {
		row := rows[i]
		switch {
		case why != "":
			dropped = append(dropped, Dropped{Document: 1, Text: row, Reason: why})
		case b.Flowed && len(kept) > 0 && strings.HasSuffix(kept[len(kept)-1], " "):
			above := kept[len(kept)-1]
			if b.DelSpace {
				above = strings.TrimSuffix(above, " ")
			}
			kept[len(kept)-1] = above + strings.TrimPrefix(row, " ")
		default:
			kept = append(kept, row)
		}
	}
	if !hasText(kept) {
		return "", dropped
	}
	return strings.Join(kept, "\n"), dropped
}

// introduces reports whether row i, alone or with the next one, is a line above a quotation
// such as "On Monday, Jane wrote:".
func introduces(rows []string, i int) bool {
	row := strings.TrimSpace(rows[i])
	for next := i + 1; next < min(len(rows), i+4); next++ {
		switch below := rows[next]; {
		case strings.HasPrefix(below, ">"):
			return row != "" && wroteRE.MatchString(row)
		case strings.TrimSpace(below) == "":
		case next == i+1:
			row += " " + strings.TrimSpace(below)
		default:
			return false
		}
	}
	return false
}

func hasText(rows []string) bool {
	return slices.ContainsFunc(rows, func(row string) bool { return strings.TrimSpace(row) != "" })
}

// htmlBody returns the lines of a piece of a message in HTML.
func htmlBody(b mail.Body, forwards bool) (own body, err error) {
	root, err := parseHTML(string(b.Data))
	if err != nil {
		return own, err
	}
	own.whole = prepare(htmlLines(root))
	for _, quote := range quotesIn(root) {
		quote.Parent.RemoveChild(quote)
	}
	lines := htmlLines(root)
	rows := make([]string, len(lines))
	for i, l := range lines {
		rows[i] = l.Text
	}
	for i, why := range quoted(rows, forwards) {
		if why == "" {
			own.kept = append(own.kept, lines[i])
		} else {
			own.dropped = append(own.dropped, Dropped{Document: 1, Text: rows[i], Reason: why})
		}
	}
	own.kept = prepare(own.kept)
	return own, nil
}

// quotesIn returns the elements that mail programs mark as quoted. Gmail marks a forwarded
// message like a quoted one.
func quotesIn(n *html.Node) (quotes []*html.Node) {
	class := attr(n, "class")
	switch {
	case strings.Contains(class, "gmail_quote") && forwardedRE.MatchString(firstText(n)):
	case strings.Contains(class, "gmail_quote"), strings.Contains(class, "moz-cite-prefix"), strings.Contains(class, "gmail_signature"),
		strings.Contains(class, "yahoo_quoted"), n.Data == "blockquote" && attr(n, "type") == "cite":
		return []*html.Node{n}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		quotes = append(quotes, quotesIn(c)...)
	}
	return quotes
}

// firstText returns the first text in an element that is not blank, or "".
func firstText(n *html.Node) string {
	if n.Type == html.TextNode {
		return strings.TrimSpace(n.Data)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if text := firstText(c); text != "" {
			return text
		}
	}
	return ""
}
