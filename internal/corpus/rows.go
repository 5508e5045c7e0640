package corpus

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/table"
	"github.com/accord-search/accord/internal/document"
)

// Limits of a row or a record. The server stores at most 64 keys, and the reader adds
// three of them itself.
const (
	maxMetadata      = 60   // keys of a record
	maxMetadataKey   = 128  // code points
	maxMetadataValue = 4096 // code points
)

// readTable reads the rows of a table, a document each.
func (r Reader) readTable(s source, yield func(File, error) bool) {
	text := decode.NewReader(s.in)
	found := batch{name: s.name, yield: yield}
	var roles []header.Key
	err := table.Each(text, r.limit(), func(columns []string, row table.Row) error {
		if roles == nil {
			roles = rolesOf(columns, r.ColumnsAsText)
		}
		d, ok := rowDocument(columns, roles, row.Cells)
		switch {
		case !ok:
			return nil
		case len(d.Text) > maxText:
			return stopUnless(found.fault(row.Line, errText))
		}
		d.ID = documentID(s.name, row.Line, 2)
		d.Metadata["file"], d.Metadata["file_ordinal"] = s.name, strconv.Itoa(row.Line)
		return stopUnless(found.add(d))
	})
	if err == nil && found.count == 0 {
		err = ErrNoText
	}
	found.endText(text, err)
	found.end()
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

const maxTitle = 300 // code points of a title that is made of text
