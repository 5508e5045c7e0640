// Package mail opens messages (EML) and mailboxes (MBOX): their heads, their text in
// any encoding, and what is attached.
package mail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the encodings of text
	"github.com/emersion/go-message/mail"

	"github.com/accord-search/accord/internal/corpus/decode"
)

const (
	maxParts = 500
	maxDepth = 20 // of nested parts
)

// Errors of messages. Compare them with errors.Is.
var (
	ErrBroken   = errors.New("is a broken message; save it again from the mail program")
	ErrTooLarge = errors.New("is too large decoded; save its attachments and read them instead")
	ErrParts    = fmt.Errorf("has more than %d parts, or parts more than %d deep", maxParts, maxDepth)
)

// Message is a mail message.
type Message struct {
	Subject, From, To, ID string
	Labels                string    // by which the owner sorts messages, joined with commas
	Date                  time.Time // zero for none
	Bodies                []Body    // its text, in order
	Attachments           []Attachment
}

// Body is a piece of the text of a message.
type Body struct {
	Data     []byte // in UTF-8; plain text is as received if the message names no known charset
	HTML     bool
	Flowed   bool // whether a space at the end of a line joins it to the next line
	DelSpace bool // whether such a space is not part of the text, as in Chinese
}

// Attachment is a file in a message.
type Attachment struct {
	Name string // "" for none
	Data []byte
}

// Read reads a message. It fails with ErrTooLarge if all its decoded parts together have
// more than limit bytes.
func Read(data []byte, limit int64) (Message, error) {
	e, err := message.Read(bytes.NewReader(data))
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return Message{}, fmt.Errorf("%w (%w)", ErrBroken, err)
	}
	r := reader{left: limit}
	r.head(mail.Header{Header: e.Header})
	r.message.Bodies, err = r.part(e, false, 0)
	return r.message, err
}

// reader is a message while it is read.
type reader struct {
	message Message
	left    int64
	parts   int
}

// head reads the header fields that a Message has. Broken ones are left out.
func (r *reader) head(h mail.Header) {
	for _, key := range []string{"Subject", "From", "To", gmailLabels, "Keywords"} {
		if value := h.Get(key); value != "" {
			h.Set(key, joinWords(decoded(h, value)))
		}
	}
	m := &r.message
	m.Subject, _ = h.Subject()
	m.Date, _ = h.Date()
	m.ID, _ = h.MessageID()
	m.From, m.To = addresses(h, "From"), addresses(h, "To")
	m.Labels = list(h, gmailLabels)
	if m.Labels == "" {
		m.Labels = list(h, "Keywords") // of RFC 5322
	}
}

// decoded returns the value of a field in UTF-8. Old programs write fields in the charset of the
// text, without saying so.
func decoded(h mail.Header, value string) string {
	if utf8.ValidString(value) {
		return value
	}
	if _, parameters, err := h.ContentType(); err == nil && parameters["charset"] != "" {
		if r, err := message.CharsetReader(parameters["charset"], strings.NewReader(value)); err == nil {
			if text, err := io.ReadAll(r); err == nil && utf8.Valid(text) {
				return string(text)
			}
		}
	}
	if text, err := decode.Text([]byte(value)); err == nil {
		return text
	}
	return value
}

// gmailLabels is the field in which mailboxes that Gmail exports have the labels of a message.
const gmailLabels = "X-Gmail-Labels"

// list returns the items of a field, joined with commas.
func list(h mail.Header, key string) string {
	text, _ := h.Text(key)
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return strings.Join(items, ", ")
}

// addresses returns the names in a field. Where a name is missing, it returns the address.
func addresses(h mail.Header, key string) string {
	list, err := h.AddressList(key)
	if err != nil {
		text, _ := h.Text(key)
		return text
	}
	var names []string
	for _, a := range list {
		if a.Name != "" {
			names = append(names, a.Name)
		} else {
			names = append(names, a.Address)
		}
	}
	return strings.Join(names, ", ")
}

// part reads a part and those inside it, and returns its text. isVersion says that other
// parts have the same content in other formats.
func (r *reader) part(e *message.Entity, isVersion bool, depth int) ([]Body, error) {
	if r.parts++; r.parts > maxParts || depth > maxDepth {
		return nil, ErrParts
	}
	if parts := e.MultipartReader(); parts != nil {
		return r.inside(e, parts, depth)
	}
	data, err := io.ReadAll(io.LimitReader(e.Body, r.left+1))
	if r.left -= int64(len(data)); r.left < 0 {
		return nil, ErrTooLarge
	}
	if err != nil && len(data) == 0 {
		return nil, nil // an empty part of broken base64
	}
	return r.keep(e, data, isVersion), nil
}

// inside reads the parts of a part. If they are versions of one text, it returns the best one.
func (r *reader) inside(e *message.Entity, parts message.MultipartReader, depth int) (all []Body, err error) {
	kind, _, _ := e.Header.ContentType()
	alternative := kind == "multipart/alternative"
	var versions [][]Body
	for {
		p, err := parts.NextPart()
		switch {
		case err != nil && p == nil && (errors.Is(err, io.EOF) || r.parts > 1): // or the message is cut off after a part
			if alternative {
				return best(versions), nil
			}
			return slices.Concat(versions...), nil
		case err != nil && p == nil:
			return nil, fmt.Errorf("%w (%w)", ErrBroken, err)
		}
		own, err := r.part(p, alternative, depth+1)
		if err != nil {
			return nil, err
		}
		versions = append(versions, own)
	}
}

// best returns the first version in plain text, or else the first one with text.
func best(versions [][]Body) (found []Body) {
	for _, version := range versions {
		if !slices.ContainsFunc(version, func(b Body) bool { return len(bytes.TrimSpace(b.Data)) > 0 }) {
			continue
		}
		if !slices.ContainsFunc(version, func(b Body) bool { return b.HTML }) {
			return version
		}
		if found == nil {
			found = version
		}
	}
	return found
}

// fromRE matches the line above a message of a mailbox: it names a sender and a time. Text may
// have a line that begins with "From" too, since not all programs mark it.
var fromRE = regexp.MustCompile(`^From .*(?:\d:\d\d.*\b(?:19|20)\d\d\b|\b(?:19|20)\d\d\b.*\d:\d\d)`)

// Each calls visit for each message of a mailbox, with its number from 1. For a message of
// more than limit bytes, it passes nil and ErrTooLarge. The message may be used
// until the next one is visited.
func Each(from io.Reader, limit int64, visit func(number int, message []byte, failed error) error) error {
	in := bufio.NewReaderSize(from, 64<<10)
	var message []byte
	number, size := 0, int64(0)
	end := func() error {
		switch {
		case number == 0:
			return nil
		case size > limit:
			return visit(number, nil, ErrTooLarge)
		}
		return visit(number, unquote(message), nil)
	}
	starts := func(line []byte) bool {
		return number == 0 && bytes.HasPrefix(line, []byte("From ")) || fromRE.Match(line)
	}
	begins, blank := true, true // whether what follows begins a line, and whether the line before it is blank
	for {
		line, failed := in.ReadSlice('\n') // a part of a line, if it is long
		if begins && blank && starts(line) {
			if err := end(); err != nil {
				return err
			}
			number++
			message, size, blank = message[:0], 0, false
		} else {
			blank = (begins || blank) && len(bytes.TrimSpace(line)) == 0
			if size += int64(len(line)); size <= limit && number > 0 {
				message = append(message, line...)
			}
		}
		begins = failed == nil
		if failed != nil && !errors.Is(failed, bufio.ErrBufferFull) {
			if !errors.Is(failed, io.EOF) {
				return failed // the last message is not whole
			}
			return end()
		}
	}
}

// unquote removes the mark that a mailbox puts before lines that begin with "From ".
func unquote(message []byte) []byte {
	return bytes.ReplaceAll(message, []byte("\n>From "), []byte("\nFrom "))
}
