package corpus

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/table"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
)

// Limits of a row or a record. The server stores at most 64 keys, and the reader adds
// three of them itself.
const (
	maxRows          = 100_000
	maxMetadata      = 60   // keys of a record
	maxMetadataKey   = 128  // code points
	maxMetadataValue = 4096 // code points
)

// ErrRows is the error for a file with too many rows or lines.
var ErrRows = fmt.Errorf("has more than %d documents; split it", maxRows)

// readTable reads the rows of a table, a document each.
func (r Reader) readTable(name, text string) (file File, err error) {
	var roles []header.Key
	err = table.Each(text, func(columns []string, row table.Row) error {
		if roles == nil {
			roles = rolesOf(columns, r.ColumnsAsText)
		}
		if len(file.Documents) >= maxRows {
			return ErrRows
		}
		d, ok := rowDocument(columns, roles, row.Cells)
		if !ok {
			return nil
		}
		d.ID = documentID(name, row.Line, 2)
		d.Metadata["file"], d.Metadata["file_ordinal"] = name, strconv.Itoa(row.Line)
		file.Documents = append(file.Documents, d)
		return nil
	})
	if err == nil && len(file.Documents) == 0 {
		err = ErrNoText
	}
	detectLanguages(file.Documents)
	return file, err
}

// rolesOf returns the field that each column gives, by its name. If no column is the text,
// or if allText is set, all columns without a field are text.
func rolesOf(columns []string, allText bool) []header.Key {
	roles := make([]header.Key, len(columns))
	taken := map[header.Key]bool{}
	for i, name := range columns {
		if role := roleOf(name); role != header.None && !taken[role] {
			roles[i], taken[role] = role, true
		}
	}
	if taken[header.Body] && !allText {
		return roles
	}
	for i, role := range roles {
		if role == header.None || role == header.Other || role == header.Body && allText {
			roles[i] = asText
		}
	}
	return roles
}

// asText is the role of a column that is text with its name before it.
const asText header.Key = -1

// rowDocument makes a document of a row. ok is false if it has no text.
func rowDocument(columns []string, roles []header.Key, cells []string) (d document.Document, ok bool) {
	d.Metadata = map[string]string{}
	var text []string
	for i, value := range cells[:min(len(cells), len(roles))] {
		value = strings.TrimSpace(decode.Normalize(value))
		if value == "" {
			continue
		}
		switch roles[i] {
		case header.Body:
			text = append(text, value)
		case asText:
			text = append(text, columns[i]+": "+value)
		default:
			setRowField(&d, roles[i], columns[i], value)
		}
	}
	if d.Text = strings.Join(text, "\n\n"); d.Text == "" {
		d.Text = d.Title
	}
	if d.Text == "" {
		return d, false
	}
	setTitle(&d)
	return d, true
}

// setRowField sets the field of a document that a column gives.
func setRowField(d *document.Document, role header.Key, column, value string) {
	switch role {
	case header.Title:
		d.Title = prose.Squeeze(value)
	case header.Published:
		m := fieldDate(value)
		if m == nil {
			keep(d.Metadata, column, value)
			return
		}
		d.PublishTime, d.PublishPrecision = inZone(m.At, m.Zone), m.Precision
	case header.Source:
		d.Source = value
	case header.URI:
		d.URI = value
	case header.ID:
		d.Metadata["source_id"] = value
	case header.Language:
		if d.LanguageCode = article.LanguageTag(value); d.LanguageCode == "" {
			keep(d.Metadata, column, value)
		}
	default:
		keep(d.Metadata, column, value)
	}
}

// keep adds a key to metadata if the server would store it.
func keep(metadata map[string]string, key, value string) bool {
	if key == "" || len(metadata) >= maxMetadata || utf8.RuneCountInString(key) > maxMetadataKey || utf8.RuneCountInString(value) > maxMetadataValue {
		return false
	}
	metadata[key] = value
	return true
}

// setTitle makes the first sentence the title of a document without one.
func setTitle(d *document.Document) {
	if d.Title != "" {
		return
	}
	first, _, _ := strings.Cut(strings.TrimSpace(d.Text), "\n")
	d.Title = prose.Squeeze(cmp.Or(article.FirstSentence(first), first))
	if runes := []rune(d.Title); len(runes) > maxTitle {
		d.Title = string(runes[:maxTitle])
	}
}

const (
	maxTitle = 300 // code points of a title that is made of text
	// maxDetected is the maximum number of documents whose languages are detected one by
	// one, which takes a millisecond for a short text. If there are more, they get the
	// language of a sample of them, if nearly all of it agrees.
	maxDetected = 2000
	sampled     = 500
	agreed      = 0.98
	// A short text that fits several languages gets the language of the file. The language
	// must be clear for at least half of the texts, and for at least minKnown of them. A
	// share of neighbours of these must have the same one. The numbers are choices, not
	// measurements.
	minKnown   = 3
	neighbours = 0.9
)

// detectLanguages sets the languages of documents that do not say theirs. A short text that
// fits several is in the language of the others, if that is clear. If there are too many
// documents, and a sample is not in one language, it leaves them to the server.
func detectLanguages(documents []document.Document) {
	var silent []*document.Document
	found := census{}
	for i := range documents {
		if documents[i].LanguageCode == "" {
			silent = append(silent, &documents[i])
		} else {
			found[documents[i].LanguageCode]++
		}
	}
	if len(silent) <= maxDetected {
		for _, d := range silent {
			d.LanguageCode = language.DetectDocument(d.Text)
			found[d.LanguageCode]++
		}
		if most := found.language(neighbours); most != "" {
			for _, d := range silent {
				if d.LanguageCode == language.Unknown && strings.ContainsFunc(d.Text, unicode.IsLetter) {
					d.LanguageCode = most
				}
			}
		}
		return
	}
	sample := census{}
	for i := range sampled {
		sample[language.DetectDocument(silent[i*len(silent)/sampled].Text)]++
	}
	if most := sample.language(agreed); most != "" {
		for _, d := range silent {
			d.LanguageCode = most
		}
	}
}

// census counts the texts of a file by language.
type census map[string]int

// language returns the language that at least a share of the texts have, of those whose
// language is clear. It returns "" if there is none, or if too few are clear.
func (c census) language(share float64) string {
	known, most := 0, ""
	for tag, n := range c {
		if tag == language.Unknown {
			continue
		}
		if known += n; n > c[most] {
			most = tag
		}
	}
	if known < minKnown || known < c[language.Unknown] || float64(c[most]) < share*float64(known) {
		return ""
	}
	return most
}
