package corpus

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/mail"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

// readMbox reads a mailbox: the documents of each message.
func (r Reader) readMbox(s source, yield func(File, error) bool) {
	if s.depth >= maxDepth {
		yield(File{}, ErrDepth)
		return
	}
	err := mail.Each(s.in, r.limit(), func(number int, data []byte, failed error) error {
		if err := s.left.part(); err != nil {
			return &FileError{File: s.name, Err: err}
		}
		name := fmt.Sprintf("%d.eml", number)
		if failed != nil {
			return stopUnless(yield(File{}, &FileError{File: s.name + "/" + name, Err: failed}))
		}
		if !r.readPart(s.ofData(name, data), name, yield) {
			return errStop
		}
		return s.left.spent()
	})
	if err != nil && !errors.Is(err, errStop) {
		yield(File{}, err)
	}
}

// readMail reads a message. Its text is a document, and so is each attachment whose name
// has the extension of a format.
func (r Reader) readMail(s source) (file File, err error) {
	if s.depth >= maxDepth {
		return File{}, ErrDepth
	}
	m, err := mail.Read(s.data, min(r.limit(), s.left.bytes))
	if err != nil {
		return File{}, err
	}
	lines, dropped, err := messageLines(m)
	if err != nil {
		return File{}, err
	}
	k := article.Known{
		Title: prose.Squeeze(decode.Normalize(m.Subject)), Source: prose.Squeeze(decode.Normalize(m.From)), ID: m.ID,
		Metadata: filled("from", m.From, "to", short(m.To)),
	}
	if !m.Date.IsZero() {
		k.Published = moment(m.Date, true)
	}
	if a, ok := article.ReadOne(lines, k); ok {
		if file, err = assemble(s.name, []article.Article{a}); err != nil {
			return file, err
		}
		file.Dropped = append(file.Dropped, dropped...)
	}
	var errs []error
	for i, attached := range m.Attachments {
		name := attachmentName(attached.Name, i+1)
		if !slices.Contains(extensions, strings.ToLower(path.Ext(name))) {
			file.Skipped = append(file.Skipped, &FileError{File: s.name + "/" + name, Err: errPart})
			continue
		}
		if err := s.left.part(); err != nil {
			errs = append(errs, &FileError{File: s.name, Err: err})
			break
		}
		s.left.bytes -= int64(len(attached.Data))
		r.readPart(s.ofData(name, attached.Data), name, func(piece File, err error) bool {
			file.add(piece)
			errs = append(errs, err)
			return true
		})
		if err := s.left.spent(); err != nil {
			errs = append(errs, &FileError{File: s.name, Err: err})
			break
		}
	}
	if err = errors.Join(errs...); err == nil && len(file.Documents) == 0 {
		err = ErrNoText
	}
	return file, err
}

// attachmentName returns the name of an attachment without a folder, or else a name with
// its number.
func attachmentName(name string, number int) string {
	name = strings.TrimLeft(path.Base(strings.ReplaceAll(decode.Normalize(name), `\`, "/")), ".")
	if name == "" || name == "/" || !utf8.ValidString(name) {
		return fmt.Sprint("attachment-", number)
	}
	return name
}

const maxAddresses = 1000 // maximum bytes of the metadata with the recipients

func short(s string) string {
	if len(s) > maxAddresses {
		return strings.ToValidUTF8(s[:maxAddresses], "")
	}
	return s
}

// messageLines returns the lines of the text of a message, without what it quotes.
func messageLines(m mail.Message) ([]line.Line, []Dropped, error) {
	text := m.Text
	if !utf8.Valid(text) {
		decoded, err := decode.Text(text)
		if err != nil {
			return nil, nil, err
		}
		text = []byte(decoded)
	}
	if len(strings.TrimSpace(string(text))) == 0 && len(m.HTML) > 0 {
		lines, err := htmlMessage(string(m.HTML))
		return prepare(lines), nil, err
	}
	kept, dropped := withoutQuotes(decode.Normalize(decode.Mend(string(text))), m.Flowed)
	return line.FromText(kept, datetime.StyleOf(kept)), dropped, nil
}

//go:embed mail.txt
var mailFile embed.FS

var (
	mailPatterns = pattern.MustLoad(mailFile, "mail.txt", nil)
	wroteRE      = mailPatterns.Regexp("above a quotation")
	originalRE   = mailPatterns.Regexp("between messages")
)

// withoutQuotes returns text without quoted lines and without the signature, and the lines
// that it dropped. If flowed, a space at the end of a line joins it to the next one.
func withoutQuotes(text string, flowed bool) (string, []Dropped) {
	var kept []string
	var dropped []Dropped
	drop := func(text, reason string) {
		dropped = append(dropped, Dropped{Document: 1, Text: text, Reason: reason})
	}
	rows := strings.Split(text, "\n")
	for i, row := range rows {
		switch {
		case row == "-- ", row == "--":
			for _, rest := range rows[i:] {
				drop(rest, "signature")
			}
			return strings.Join(kept, "\n"), dropped
		case originalRE.MatchString(strings.TrimSpace(row)) && hasText(kept):
			for _, rest := range rows[i:] {
				drop(rest, "quoted mail")
			}
			return strings.Join(kept, "\n"), dropped
		case strings.HasPrefix(row, ">"), introduces(rows, i):
			drop(row, "quoted mail")
		case flowed && len(kept) > 0 && strings.HasSuffix(kept[len(kept)-1], " "):
			kept[len(kept)-1] += strings.TrimPrefix(row, " ")
		default:
			kept = append(kept, row)
		}
	}
	if !hasText(kept) {
		return text, nil // the whole message is a quotation
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

// htmlMessage returns the lines of a message in HTML without what mail programs mark as
// quoted.
func htmlMessage(text string) ([]line.Line, error) {
	root, err := parseHTML(text)
	if err != nil {
		return nil, err
	}
	var quotes []*html.Node
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		if class := attr(n, "class"); strings.Contains(class, "gmail_quote") || strings.Contains(class, "moz-cite-prefix") || strings.Contains(class, "gmail_signature") || strings.Contains(class, "yahoo_quoted") || n.Data == "blockquote" && attr(n, "type") == "cite" {
			quotes = append(quotes, n)
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(root)
	whole := htmlLines(root)
	for _, quote := range quotes {
		quote.Parent.RemoveChild(quote)
	}
	if lines := htmlLines(root); len(lines) > 0 {
		return lines, nil
	}
	return whole, nil
}
