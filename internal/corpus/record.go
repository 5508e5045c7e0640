package corpus

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// record is an object of JSON while its keys are read.
type record struct {
	document.Document
	text      []string
	name, id  string
	precision string
	published string
	blocks    []recordBlock
	ignored   map[string]int
}

type recordBlock struct {
	Kind  string      `json:"kind"`
	Range recordRange `json:"range"`
	Level int         `json:"level"` // of a heading, from 1
}

type recordRange struct {
	Start     int `json:"start"`
	End       int `json:"end"`
	StartByte int `json:"start_byte"`
	EndByte   int `json:"end_byte"`
}

// outputKeys are the keys that the API and the command add on output. They are ignored.
var outputKeys = []string{"file", "passages", "text_digest", "etag", "create_time", "update_time", "index_state", "index_failures", "index_error"}

// otherKeys has other names of the fields of documents, as used in many collections. It
// adds to the keys that package header knows.
var otherKeys = map[string]header.Key{
	"context": header.Body, "passage": header.Body, "paragraph": header.Body, "contents": header.Body, "page_content": header.Body, "abstract": header.Body, "document": header.Body, "paragraphs": header.Body, "sentence": header.Body, "full_text": header.Body, "plain_text": header.Body, "description": header.Body, "summary": header.Body,
	"_id": header.ID, "docid": header.ID, "doc_id": header.ID, "pid": header.ID, "document_id": header.ID, "uuid": header.ID, "guid": header.ID,
	"created_at": header.Published, "published_at": header.Published, "date_published": header.Published, "publication_date": header.Published, "pub_date": header.Published, "timestamp": header.Published, "datetime": header.Published,
	"lang": header.Language, "headline": header.Title, "heading": header.Title,
	"permalink": header.URI, "href": header.URI,
}

// roleOf returns the field that a column or a key gives, by its name.
func roleOf(name string) header.Key {
	key := strings.ToLower(strings.TrimSpace(name))
	if role := otherKeys[strings.ReplaceAll(key, " ", "_")]; role != header.None {
		return role
	}
	return header.KeyOf(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(key))
}

var camelRE = regexp.MustCompile(`[a-z][A-Z]`)

// parseRecord reads a document from a JSON object. Keys may be the field names of the API,
// also as protobuf's JSON writes them (languageCode), or other common names. All other keys
// become metadata; ignored counts those that cannot.
func parseRecord(object []byte, ignored map[string]int) (document.Document, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return document.Document{}, fmt.Errorf("is not a JSON object: %w", err)
	}
	r := record{Document: document.Document{Metadata: map[string]string{}}, ignored: ignored}
	rest := make([]string, 0, len(fields))
	for key, value := range fields {
		own := string(camelRE.ReplaceAllFunc([]byte(key), snake))
		known, err := r.set(own, value)
		if err != nil {
			return document.Document{}, err
		}
		if !known && !slices.Contains(outputKeys, own) {
			rest = append(rest, key)
		}
	}
	slices.Sort(rest) // so that the order of the map does not matter
	r.setOthers(rest, fields)
	return r.document()
}

// set sets a field of the API. known is false if key is not one.
func (r *record) set(key string, value json.RawMessage) (known bool, err error) {
	texts := map[string]*string{
		"name": &r.name, "id": &r.id, "title": &r.Title, "language_code": &r.LanguageCode, "publish_time": &r.published,
		"publish_time_precision": &r.precision, "source": &r.Source, "uri": &r.URI,
	}
	if field := texts[key]; field != nil {
		text, ok := scalarOf(value)
		if !ok && string(value) != "null" {
			return true, &document.FieldError{Field: key, Problem: "is no text"}
		}
		*field = text
		return true, nil
	}
	switch key {
	case "text":
		if text, ok := scalarOf(value); ok {
			r.text = []string{text}
		}
	case "blocks":
		if err := json.Unmarshal(camelRE.ReplaceAllFunc(value, snake), &r.blocks); err != nil {
			return true, &document.FieldError{Field: key, Problem: err.Error()}
		}
	case "metadata":
		var own map[string]json.RawMessage
		if err := json.Unmarshal(value, &own); err != nil {
			return true, &document.FieldError{Field: key, Problem: "is no object"}
		}
		for _, name := range slices.Sorted(maps.Keys(own)) {
			r.keep(name, own[name])
		}
	default:
		return false, nil
	}
	return true, nil
}

// setOthers sets fields by other common names, unless the names of the API have set them.
// It keeps all other keys as metadata.
func (r *record) setOthers(keys []string, fields map[string]json.RawMessage) {
	for _, key := range keys {
		value, done := fields[key], false
		text, isText := scalarOf(value)
		switch role := roleOf(key); {
		case role == header.Body && len(r.text) == 0:
			r.text = textsOf(value, 0)
			done = len(r.text) > 0
		case !isText:
		case role == header.Title && r.Title == "":
			r.Title, done = text, true
		case role == header.Published && r.published == "" && fieldDate(text) != nil:
			r.published, done = text, true
		case role == header.Source && r.Source == "":
			r.Source, done = text, true
		case role == header.URI && r.URI == "":
			r.URI, done = text, true
		case role == header.Language && r.LanguageCode == "" && article.LanguageTag(text) != "":
			r.LanguageCode, done = article.LanguageTag(text), true
		case role == header.ID && r.Metadata["source_id"] == "":
			done = keep(r.Metadata, "source_id", text)
		}
		if !done {
			r.keep(key, value)
		}
	}
}

// keep adds a value to the metadata, or counts it in ignored if that is not possible.
func (r *record) keep(key string, value json.RawMessage) {
	text, ok := scalarOf(value)
	if string(value) == "null" || ok && text == "" {
		return
	}
	if !ok || !keep(r.Metadata, key, text) {
		if _, counted := r.ignored[key]; counted || len(r.ignored) < maxMetadata {
			r.ignored[key]++
		}
	}
}

// scalarOf returns a string, number or boolean as text, or a list of these joined with
// commas. It returns false for other values.
func scalarOf(value json.RawMessage) (string, bool) {
	if len(value) == 0 {
		return "", false
	}
	switch value[0] {
	case '"':
		var text string
		err := json.Unmarshal(value, &text)
		return text, err == nil
	case '{', 'n':
		return "", false
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil || len(list) > maxRecords {
			return "", false
		}
		texts := make([]string, 0, len(list))
		for _, item := range list {
			if len(item) == 0 || item[0] == '[' {
				return "", false
			}
			text, ok := scalarOf(item)
			if !ok {
				return "", false
			}
			texts = append(texts, text)
		}
		return strings.Join(texts, ", "), true
	}
	return string(value), true
}

// textsOf returns the texts of a value: itself, or the items of a list, which may be
// objects with a text such as the paragraphs of SQuAD.
func textsOf(value json.RawMessage, depth int) (texts []string) {
	var list []json.RawMessage
	var object map[string]json.RawMessage
	switch {
	case depth > 3:
	case len(value) > 0 && value[0] == '"':
		if text, ok := scalarOf(value); ok && strings.TrimSpace(text) != "" {
			texts = append(texts, text)
		}
	case json.Unmarshal(value, &list) == nil:
		for _, item := range list {
			texts = append(texts, textsOf(item, depth+1)...)
		}
	case json.Unmarshal(value, &object) == nil:
		for _, key := range []string{"text", "context", "content", "paragraph", "passage"} {
			if texts = textsOf(object[key], depth+1); len(texts) > 0 {
				return texts
			}
		}
	}
	return texts
}

// document returns the document of a record whose keys were read.
func (r *record) document() (document.Document, error) {
	given := strings.Join(r.text, "\n\n")
	switch unknown := slices.Sorted(maps.Keys(r.Metadata)); {
	case strings.TrimSpace(given) != "":
	case len(unknown) > 0:
		return document.Document{}, &document.FieldError{Field: "text", Problem: fmt.Sprintf("is required, and %q is no other name of it", unknown[:min(5, len(unknown))])}
	default:
		return document.Document{}, &document.FieldError{Field: "text", Problem: "is required"}
	}
	if strings.ContainsRune(given, 0) {
		return document.Document{}, &document.FieldError{Field: "text", Problem: "holds NUL, remove it"}
	}
	d := r.Document
	d.Title, d.Source, d.Text = norm.NFC.String(prose.Squeeze(d.Title)), norm.NFC.String(d.Source), norm.NFC.String(given)
	if d.Text != given && len(r.blocks) > 0 {
		return d, &document.FieldError{Field: "text", Problem: "is not in NFC, so that the ranges of blocks do not fit what is stored; normalise it first"}
	}
	setTitle(&d)
	var err error
	if d.ID, err = r.ownID(); err != nil {
		return d, err
	}
	if d.PublishTime, d.PublishPrecision, err = r.publishTime(); err != nil {
		return d, err
	}
	d.Blocks, err = blocksOf(r.blocks, d.Text)
	return d, err
}

// ownID returns the id that the record names, or "".
func (r *record) ownID() (string, error) {
	given := r.name
	if given == "" {
		given = r.id
	}
	id := given
	if _, own, ok := document.ParseName(given); ok {
		id = own
	}
	if id != "" && !document.ValidID(id) {
		return "", &document.FieldError{Field: "name", Problem: fmt.Sprintf("%q is no document name; use collections/{collection}/documents/{id} or an id of a-z, 0-9 and -, at most %d characters", given, maxID)}
	}
	return id, nil
}

// publishTime returns the time that the record names. One without a zone is in UTC.
func (r *record) publishTime() (time.Time, document.Precision, error) {
	if r.published == "" {
		return time.Time{}, document.PrecisionUnknown, nil
	}
	m := fieldDate(r.published)
	if m == nil {
		return time.Time{}, 0, &document.FieldError{Field: "publish_time", Problem: fmt.Sprintf("%q is neither 2024-11-15T10:15:00Z nor 2024-11-15", r.published)}
	}
	precisions := map[string]document.Precision{"": m.Precision, "DATE": document.PrecisionDate, "MINUTE": document.PrecisionMinute, "SECOND": document.PrecisionSecond}
	precision, ok := precisions[r.precision[strings.LastIndex(r.precision, "_")+1:]]
	if !ok {
		return time.Time{}, 0, &document.FieldError{Field: "publish_time_precision", Problem: fmt.Sprintf("%q is none of DATE, MINUTE, SECOND", r.precision)}
	}
	return inZone(m.At, m.Zone), precision, nil
}

// inZone returns the date and time of day of at in a zone. If zone is nil, it is UTC.
func inZone(at time.Time, zone *time.Location) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, cmp.Or(zone, time.UTC))
}
