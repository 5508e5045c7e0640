package corpus

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
)

// record is a line of a .jsonl file, with the field names of the API. The last fields are
// ignored: the API and the command add them to their output.
type record struct {
	Name      string            `json:"name"`
	ID        string            `json:"id"`
	Title     string            `json:"title"`
	Language  string            `json:"language_code"`
	Published string            `json:"publish_time"`
	Precision string            `json:"publish_time_precision"`
	Source    string            `json:"source"`
	URI       string            `json:"uri"`
	Text      string            `json:"text"`
	Blocks    []recordBlock     `json:"blocks"`
	Metadata  map[string]string `json:"metadata"`

	File       json.RawMessage `json:"file"`
	Passages   json.RawMessage `json:"passages"`
	TextDigest json.RawMessage `json:"text_digest"`
	ETag       json.RawMessage `json:"etag"`
	CreateTime json.RawMessage `json:"create_time"`
	UpdateTime json.RawMessage `json:"update_time"`
}

type recordBlock struct {
	Kind  string      `json:"kind"`
	Range recordRange `json:"range"`
}

type recordRange struct {
	Start     int `json:"start"`
	End       int `json:"end"`
	StartByte int `json:"start_byte"`
	EndByte   int `json:"end_byte"`
}

// readJSONL reads one document per line. The error joins a *FileError for each invalid
// line; the other lines give documents.
func readJSONL(name, text string) (File, error) {
	var (
		file   File
		errs   []error
		lineOf = map[string]int{} // id → line
		line   int
	)
	for row := range strings.Lines(text) {
		line++
		if strings.TrimSpace(row) == "" {
			continue
		}
		d, err := readRow(name, row, line)
		if first := lineOf[d.ID]; err == nil && first > 0 {
			err = fmt.Errorf("id: %q is that of line %d already; give each document its own", d.ID, first)
		}
		if err != nil {
			errs = append(errs, &FileError{File: name, Line: line, Err: err})
			continue
		}
		lineOf[d.ID] = line
		file.Documents = append(file.Documents, d)
	}
	return file, errors.Join(errs...)
}

// readRow reads the document of one line. It sets an id if the line has none.
func readRow(name, row string, line int) (document.Document, error) {
	d, err := parseRecord(row)
	if err != nil {
		return document.Document{}, err
	}
	d.Metadata["file"], d.Metadata["file_ordinal"] = name, strconv.Itoa(line)
	if d.ID == "" {
		d.ID = documentID(name, line, 2)
	}
	return d, nil
}

func parseRecord(row string) (document.Document, error) {
	var r record
	snake, err := snakeKeys([]byte(row))
	if err != nil {
		return document.Document{}, fmt.Errorf("is not a JSON object: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(snake))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return document.Document{}, fmt.Errorf("%s; the fields are name, title, language_code, publish_time, publish_time_precision, source, uri, text, blocks, metadata", strings.TrimPrefix(err.Error(), "json: "))
	}
	return r.document()
}

var camelRE = regexp.MustCompile(`[a-z][A-Z]`)

// snakeKeys converts the field names of protobuf's JSON (languageCode) to those of the API
// (language_code). It does not change keys inside metadata.
func snakeKeys(object []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, err
	}
	out := make(map[string]json.RawMessage, len(fields))
	for key, value := range fields {
		if key == "blocks" {
			value = camelRE.ReplaceAllFunc(value, snake)
		}
		out[string(camelRE.ReplaceAllFunc([]byte(key), snake))] = value
	}
	return json.Marshal(out)
}

func snake(pair []byte) []byte { return []byte{pair[0], '_', pair[1] + 'a' - 'A'} }

func (r record) document() (document.Document, error) {
	if strings.TrimSpace(r.Text) == "" {
		return document.Document{}, &document.FieldError{Field: "text", Problem: "is required"}
	}
	if strings.ContainsRune(r.Text, 0) {
		return document.Document{}, &document.FieldError{Field: "text", Problem: "holds NUL, remove it"}
	}
	d := document.Document{
		Title: norm.NFC.String(prose.Squeeze(r.Title)), LanguageCode: r.Language, Source: norm.NFC.String(r.Source), URI: r.URI,
		Text: norm.NFC.String(r.Text), Metadata: map[string]string{},
	}
	for key, value := range r.Metadata {
		d.Metadata[key] = value
	}
	if d.Text != r.Text && len(r.Blocks) > 0 {
		return d, &document.FieldError{Field: "text", Problem: "is not in NFC, so that the ranges of blocks do not fit what is stored; normalise it first"}
	}
	if d.Title == "" {
		first, _, _ := strings.Cut(strings.TrimSpace(d.Text), "\n")
		d.Title = cmp.Or(article.FirstSentence(first), first)
	}
	if d.LanguageCode == "" {
		d.LanguageCode = language.Detect(d.Text)
	}
	var err error
	if d.ID, err = r.id(); err != nil {
		return d, err
	}
	if d.PublishTime, d.PublishPrecision, err = r.published(); err != nil {
		return d, err
	}
	d.Blocks, err = r.blocks(d.Text)
	return d, err
}

// id returns the id in the record, or "" if it has none.
func (r record) id() (string, error) {
	given := r.Name
	if given == "" {
		given = r.ID
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

func (r record) published() (time.Time, document.Precision, error) {
	if r.Published == "" {
		return time.Time{}, document.PrecisionUnknown, nil
	}
	at, err := time.Parse(time.RFC3339, r.Published)
	precision := document.PrecisionSecond
	if err != nil {
		at, err = time.Parse(time.DateOnly, r.Published)
		precision = document.PrecisionDate
	}
	if err != nil {
		return at, 0, &document.FieldError{Field: "publish_time", Problem: fmt.Sprintf("%q is neither 2024-11-15T10:15:00Z nor 2024-11-15", r.Published)}
	}
	switch name := r.Precision[strings.LastIndex(r.Precision, "_")+1:]; name {
	case "":
	case "DATE":
		precision = document.PrecisionDate
	case "MINUTE":
		precision = document.PrecisionMinute
	case "SECOND":
		precision = document.PrecisionSecond
	default:
		return at, 0, &document.FieldError{Field: "publish_time_precision", Problem: fmt.Sprintf("%q is none of DATE, MINUTE, SECOND", r.Precision)}
	}
	return at, precision, nil
}

func (r record) blocks(text string) ([]document.Block, error) {
	var blocks []document.Block
	for i, b := range r.Blocks {
		kind := document.KindUnknown
		for _, k := range []document.Kind{document.KindParagraph, document.KindHeading, document.KindCaption} {
			if strings.HasSuffix(b.Kind, k.String()) {
				kind = k
			}
		}
		if kind == document.KindUnknown {
			return nil, &document.FieldError{Field: fmt.Sprintf("blocks[%d].kind", i), Problem: fmt.Sprintf("%q is none of PARAGRAPH, HEADING, CAPTION; articles are found by their numbers", b.Kind)}
		}
		blocks = append(blocks, document.Block{Kind: kind, Range: document.TextRange(b.Range)})
	}
	if len(blocks) == 0 {
		return nil, nil
	}
	return document.FillBytes(text, blocks)
}
