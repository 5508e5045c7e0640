// Package mail opens messages (EML) and mailboxes (MBOX): their heads, their text in
// any encoding, and what is attached.
package mail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the encodings of text
	"github.com/emersion/go-message/mail"
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
	Date                  time.Time // zero for none
	Text                  []byte    // plain text in UTF-8; as received if the message names no known charset
	Flowed                bool      // whether a space at the end of a line of Text joins it to the next line
	DelSpace              bool      // whether such a space is no part of the text, as in Chinese
	HTML                  []byte    // text as HTML, if the message has one
	Attachments           []Attachment
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
	return r.message, r.part(e, 0)
}

// reader is a message while it is read.
type reader struct {
	message Message
	left    int64
	parts   int
}

// head reads the header fields that a Message has. Broken ones are left out.
func (r *reader) head(h mail.Header) {
	m := &r.message
	m.Subject, _ = h.Subject()
	m.Date, _ = h.Date()
	m.ID, _ = h.MessageID()
	m.From, m.To = addresses(h, "From"), addresses(h, "To")
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

// part reads a part and those inside it.
func (r *reader) part(e *message.Entity, depth int) error {
	if r.parts++; r.parts > maxParts || depth > maxDepth {
		return ErrParts
	}
	if parts := e.MultipartReader(); parts != nil {
		for {
			p, err := parts.NextPart()
			switch {
			case errors.Is(err, io.EOF), err != nil && p == nil && r.parts > 1: // the message is cut off after a part
				return nil
			case err != nil && p == nil:
				return fmt.Errorf("%w (%w)", ErrBroken, err)
			}
			if err := r.part(p, depth+1); err != nil {
				return err
			}
		}
	}
	data, err := io.ReadAll(io.LimitReader(e.Body, r.left+1))
	if r.left -= int64(len(data)); r.left < 0 {
		return ErrTooLarge
	}
	if err != nil && len(data) == 0 {
		return nil // an empty part of broken base64
	}
	r.keep(e, data)
	return nil
}

// keep keeps a part as text or as an attachment.
func (r *reader) keep(e *message.Entity, data []byte) {
	kind, params, _ := e.Header.ContentType()
	disposition, fields, _ := e.Header.ContentDisposition()
	name := fields["filename"]
	if name == "" {
		name = params["name"]
	}
	if decoded, err := new(mime.WordDecoder).DecodeHeader(name); err == nil {
		name = decoded
	}
	m := &r.message
	switch isText := disposition != "attachment" && name == ""; {
	case isText && (kind == "text/plain" || kind == "") && len(m.Text) == 0:
		m.Text, m.Flowed, m.DelSpace = data, strings.EqualFold(params["format"], "flowed"), strings.EqualFold(params["delsp"], "yes")
	case isText && kind == "text/html" && len(m.HTML) == 0:
		m.HTML = data
	case isText && strings.HasPrefix(kind, "text/plain"):
		m.Text = append(append(m.Text, "\n\n"...), data...)
	case kind == "message/rfc822" && name == "":
		m.Attachments = append(m.Attachments, Attachment{"message.eml", data})
	case name != "":
		m.Attachments = append(m.Attachments, Attachment{name, data})
	}
}

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
	begins, blank := true, true // whether what follows begins a line, and whether the line before it is blank
	for {
		line, failed := in.ReadSlice('\n') // a part of a line, if it is long
		if begins && blank && bytes.HasPrefix(line, []byte("From ")) {
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
