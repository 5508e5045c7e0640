package corpus

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/mail"
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
		Metadata: filled("from", m.From, "to", short(m.To), "labels", short(m.Labels)),
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
	if err = r.readAttachments(s, m.Attachments, &file); err == nil && len(file.Documents) == 0 {
		err = ErrNoText
	}
	return file, err
}

// readAttachments adds the documents of attachments to the file of a message. The error joins
// those of the attachments that cannot be read.
func (r Reader) readAttachments(s source, attachments []mail.Attachment, file *File) error {
	var errs []error
	for i, attached := range attachments {
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
	return errors.Join(errs...)
}

// attachmentName returns the name of an attachment without a folder, or else a name with
// its number.
func attachmentName(name string, number int) string {
	if !utf8.ValidString(name) {
		return fmt.Sprint("attachment-", number, path.Ext(strings.ToValidUTF8(name, "")))
	}
	name = strings.TrimLeft(path.Base(strings.ReplaceAll(decode.Normalize(name), `\`, "/")), ".")
	if name == "" || name == "/" {
		return fmt.Sprint("attachment-", number)
	}
	return name
}

const maxList = 1000 // maximum bytes of the metadata with the recipients, or with the labels

func short(s string) string {
	if len(s) > maxList {
		return strings.ToValidUTF8(s[:maxList], "")
	}
	return s
}

// messageLines returns the lines of the text of a message, without what it quotes. If
// it quotes everything, it returns all lines.
func messageLines(m mail.Message) ([]line.Line, []Dropped, error) {
	var kept, whole []line.Line
	var dropped []Dropped
	for i, b := range m.Bodies {
		own, err := bodyLines(b, forwardsRE.MatchString(m.Subject))
		if err != nil {
			return nil, nil, err
		}
		if i+1 < len(m.Bodies) && repeats(own.whole, m.Bodies[i+1]) {
			continue
		}
		kept, whole, dropped = addLines(kept, own.kept), addLines(whole, own.whole), append(dropped, own.dropped...)
	}
	if len(kept) == 0 {
		return whole, nil, nil
	}
	return kept, dropped, nil
}

// repeats reports whether the next piece of a message is the text of lines once more, in HTML.
func repeats(lines []line.Line, next mail.Body) bool {
	const compared = 200 // bytes; links and signs of emphasis may differ further on
	if !next.HTML || len(lines) == 0 {
		return false
	}
	root, err := parseHTML(string(next.Data))
	if err != nil {
		return false
	}
	text := solidLines(lines)
	return strings.Contains(solidLines(htmlLines(root)), text[:min(len(text), compared)])
}

// solidLines returns the text of lines without white space.
func solidLines(lines []line.Line) string {
	var out strings.Builder
	for _, l := range lines {
		out.WriteString(solid(l.Text))
	}
	return out.String()
}

// addLines adds the lines of a piece of a message below those above it.
func addLines(lines, more []line.Line) []line.Line {
	if len(lines) > 0 && len(more) > 0 {
		more[0].Gap = max(more[0].Gap, 1)
	}
	return append(lines, more...)
}

// body is a piece of a message as lines.
type body struct {
	kept, whole []line.Line // without what it quotes, and with that
	dropped     []Dropped
}

func bodyLines(b mail.Body, forwards bool) (body, error) {
	if b.HTML {
		return htmlBody(b, forwards)
	}
	text := string(b.Data)
	if !utf8.Valid(b.Data) {
		decoded, err := decode.Text(b.Data)
		if err != nil {
			return body{}, err
		}
		text = decoded
	}
	text = decode.Normalize(decode.Mend(text))
	kept, dropped := withoutQuotes(text, b, forwards)
	return body{line.FromText(kept, datetime.StyleOf(kept)), line.FromText(text, datetime.StyleOf(text)), dropped}, nil
}
