package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

// records collects the documents of the records of a file.
type records struct {
	name string
	file File
	errs []error
	// lineOf has the line of each id that a record names, or its position in a JSON list.
	lineOf map[string]int
	// ignored counts the values that cannot be metadata, by their key.
	ignored map[string]int
}

const maxErrors = 100 // maximum number of faulty lines that are reported one by one

func newRecords(name string) *records {
	return &records{name: name, lineOf: map[string]int{}, ignored: map[string]int{}}
}

// add adds the document of a record on a line. It returns false if no more records are
// read.
func (r *records) add(object []byte, line int) bool {
	if len(r.file.Documents) >= maxRows {
		r.errs = append(r.errs, ErrRows)
		return false
	}
	d, err := parseRecord(object, r.ignored)
	if first := r.lineOf[d.ID]; err == nil && first > 0 {
		err = fmt.Errorf("id: %q is that of line %d already; give each document its own", d.ID, first)
	}
	if err != nil {
		if len(r.errs) == maxErrors {
			r.errs = append(r.errs, &FileError{File: r.name, Err: fmt.Errorf("has more than %d faulty lines; mend these first", maxErrors)})
			return false
		}
		r.errs = append(r.errs, &FileError{File: r.name, Line: line, Err: err})
		return true
	}
	if d.ID != "" {
		r.lineOf[d.ID] = line
	} else {
		d.ID = documentID(r.name, line, 2)
	}
	d.Metadata["file"], d.Metadata["file_ordinal"] = r.name, strconv.Itoa(line)
	r.file.Documents = append(r.file.Documents, d)
	return true
}

// end returns what was read. The keys whose values were ignored are among File.Skipped.
func (r *records) end() (File, error) {
	const shown = 20
	for _, key := range slices.Sorted(maps.Keys(r.ignored))[:min(shown, len(r.ignored))] {
		r.file.Skipped = append(r.file.Skipped, &FileError{File: r.name, Err: fmt.Errorf(
			"%q: %d values are not kept as metadata, since they are too long, too many, or neither text nor numbers", key, r.ignored[key])})
	}
	detectLanguages(r.file.Documents)
	return r.file, errors.Join(r.errs...)
}

// readJSONL reads one document per line. The error joins a *FileError for each invalid
// line; the other lines give documents.
func readJSONL(name, text string) (File, error) {
	r := newRecords(name)
	line := 0
	for row := range strings.Lines(text) {
		line++
		if strings.TrimSpace(row) != "" && !r.add([]byte(row), line) {
			break
		}
	}
	return r.end()
}

// lists are the keys under which a JSON object has its records.
var lists = []string{"data", "documents", "articles", "items", "records", "results", "entries", "posts", "pages"}

// readJSON reads a record or a list of records. The list may be a value in an object.
func readJSON(name, text string) (File, error) {
	r := newRecords(name)
	list, err := recordsOf([]byte(text))
	if err != nil {
		if first, _, _ := strings.Cut(strings.TrimSpace(text), "\n"); json.Valid([]byte(first)) {
			return readJSONL(name, text) // JSON Lines in a file called .json
		}
		return File{}, fmt.Errorf("is not JSON: %w", err)
	}
	for i, object := range list {
		if !r.add(object, i+1) {
			break
		}
	}
	if len(r.file.Documents) == 0 {
		return File{}, fmt.Errorf("is JSON without documents: %w", ErrForeign)
	}
	return r.end()
}

// recordsOf returns the objects of a JSON value that may be records.
func recordsOf(value []byte) (list []json.RawMessage, err error) {
	value = bytes.TrimSpace(value)
	if bytes.HasPrefix(value, []byte("[")) {
		d := json.NewDecoder(bytes.NewReader(value))
		if _, err := d.Token(); err != nil {
			return nil, err
		}
		for d.More() && len(list) <= maxRows {
			var object json.RawMessage
			if err := d.Decode(&object); err != nil {
				return nil, err
			}
			list = append(list, object)
		}
		return list, nil
	}
	var fields map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(value))
	if err := d.Decode(&fields); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text follows the value")
	}
	for _, key := range lists {
		if inner := bytes.TrimSpace(fields[key]); bytes.HasPrefix(inner, []byte("[")) {
			return recordsOf(inner)
		}
	}
	return []json.RawMessage{value}, nil
}

// blocksOf reads the blocks of a record.
func blocksOf(given []recordBlock, text string) ([]document.Block, error) {
	var blocks []document.Block
	for i, b := range given {
		kind := document.KindUnknown
		for _, k := range []document.Kind{document.KindParagraph, document.KindHeading, document.KindCaption} {
			if strings.HasSuffix(b.Kind, k.String()) {
				kind = k
			}
		}
		if kind == document.KindUnknown {
			return nil, &document.FieldError{Field: fmt.Sprintf("blocks[%d].kind", i), Problem: fmt.Sprintf("%q is none of PARAGRAPH, HEADING, CAPTION; articles are found by their numbers", b.Kind)}
		}
		blocks = append(blocks, document.Block{Kind: kind, Level: b.Level, Range: document.TextRange(b.Range)})
	}
	if len(blocks) == 0 {
		return nil, nil
	}
	return document.FillBytes(text, blocks)
}

func snake(pair []byte) []byte { return []byte{pair[0], '_', pair[1] + 'a' - 'A'} }
