package mail

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
	"golang.org/x/net/html/charset"
)

// keep returns a part that is text, and keeps any other part as an attachment. It leaves out a
// nameless version of the text that is meant for programs, such as the invitation for a calendar.
func (r *reader) keep(e *message.Entity, data []byte, isVersion bool) []Body {
	kind, params := parameters(e, "Content-Type")
	disposition, fields := parameters(e, "Content-Disposition")
	name := fields["filename"]
	if name == "" {
		name = params["name"]
	}
	m := &r.message
	switch isText := disposition != "attachment" && name == ""; {
	case isText && (kind == "" || strings.HasPrefix(kind, "text/plain")):
		return []Body{{Data: data, Flowed: strings.EqualFold(params["format"], "flowed"), DelSpace: strings.EqualFold(params["delsp"], "yes")}}
	case isText && kind == "text/html":
		return []Body{{Data: data, HTML: true}}
	case name != "":
		m.Attachments = append(m.Attachments, Attachment{name, data})
	case !isVersion:
		m.Attachments = append(m.Attachments, Attachment{fmt.Sprint("attachment-", len(m.Attachments)+1, extensions[kind]), data})
	}
	return nil
}

// extensions has the extensions, by MIME type, for the names that it gives nameless attachments.
var extensions = map[string]string{
	"text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/markdown": ".md", "text/calendar": ".ics", "message/rfc822": ".eml",
	"application/pdf": ".pdf", "application/epub+zip": ".epub", "application/zip": ".zip", "application/ms-tnef": ".dat",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx", "application/vnd.oasis.opendocument.text": ".odt",
}

var (
	// nameRE matches the name of a file in a field that breaks the rules, for example with spaces
	// outside quotation marks.
	nameRE = regexp.MustCompile(`(?i)\b((?:file)?name)\s*=\s*"?([^";\r\n]+)`)
	// encodedNameRE matches the name of a file with its charset: "filename*=GBK''%B1%A8.docx".
	encodedNameRE = regexp.MustCompile(`(?i)\b((?:file)?name)\*\s*=\s*([\w-]+)'[^']*'([^;\s]+)`)
)

// parameters returns the value of a field of a part, such as "text/plain", and its parameters.
func parameters(e *message.Entity, key string) (value string, params map[string]string) {
	read := e.Header.ContentType
	if key == "Content-Disposition" {
		read = e.Header.ContentDisposition
	}
	value, params, err := read()
	whole := e.Header.Get(key)
	if params == nil {
		params = map[string]string{}
	}
	if err != nil {
		value, _, _ = strings.Cut(strings.ToLower(whole), ";")
		value = strings.TrimSpace(value)
		if found := nameRE.FindStringSubmatch(whole); found != nil {
			params[strings.ToLower(found[1])] = strings.TrimSpace(found[2])
		}
	}
	if found := encodedNameRE.FindStringSubmatch(whole); found != nil && params[strings.ToLower(found[1])] == "" {
		if encoding, _ := charset.Lookup(found[2]); encoding != nil {
			coded, _ := url.PathUnescape(found[3])
			params[strings.ToLower(found[1])], _ = encoding.NewDecoder().String(coded)
		}
	}
	return value, params
}

// wordRE matches an encoded word: its charset, its encoding and its text.
var wordRE = regexp.MustCompile(`=\?([^?\s]+)\?([bB])\?([^?\s]*)\?=`)

// joinWords joins encoded words of one charset that follow each other, since some programs divide
// a character between two of them.
func joinWords(field string) string {
	var out strings.Builder
	var last string // the charset of the words in bytes
	var bytes []byte
	at := 0
	flush := func() {
		if last != "" {
			out.WriteString("=?" + last + "?B?" + base64.StdEncoding.EncodeToString(bytes) + "?=")
		}
		last, bytes = "", nil
	}
	for _, found := range wordRE.FindAllStringSubmatchIndex(field, -1) {
		coded, err := base64.StdEncoding.DecodeString(field[found[6]:found[7]])
		name, between := field[found[2]:found[3]], field[at:found[0]]
		if err != nil {
			continue
		}
		if !strings.EqualFold(name, last) || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(between)
		}
		last, bytes, at = name, append(bytes, coded...), found[1]
	}
	flush()
	return out.String() + field[at:]
}
