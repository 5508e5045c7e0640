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
		lines, dropped, err := htmlMessage(m)
		return prepare(lines), dropped, err
	}
	kept, dropped := withoutQuotes(decode.Normalize(decode.Mend(string(text))), m)
	return line.FromText(kept, datetime.StyleOf(kept)), dropped, nil
}
