package corpus

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/sniff"
	"github.com/accord-search/accord/internal/document"
)

// records collects the documents of the records of a file.
type records struct {
	batch
	// lineOf maps the hash of each id that a record names to the line of the record, or
	// to its position in a JSON list.
	lineOf map[uint64]int
	seed   maphash.Seed
	// ignored counts the values that cannot be metadata, by their key.
	ignored map[string]int
}

func newRecords(name string, yield func(File, error) bool) *records {
	return &records{batch: batch{name: name, yield: yield}, lineOf: map[uint64]int{}, seed: maphash.MakeSeed(), ignored: map[string]int{}}
}

// add adds the document of a record on a line. It returns false if no more records are
// read.
func (r *records) add(object []byte, line int) bool {
	d, err := parseRecord(object, r.ignored)
	if err == nil && len(d.Text) > maxText {
		err = errText
	}
	id := maphash.String(r.seed, d.ID)
	if first := r.lineOf[id]; err == nil && d.ID != "" && first > 0 {
		err = fmt.Errorf("id: %q is that of line %d already; give each document its own", d.ID, first)
	}
	if err != nil {
		return r.fault(line, err)
	}
	if d.ID != "" {
		r.lineOf[id] = line
	} else {
		d.ID = documentID(r.name, line, 2)
	}
	d.Metadata["file"], d.Metadata["file_ordinal"] = r.name, strconv.Itoa(line)
	return r.batch.add(d)
}

// end passes on what is left. The keys whose values were ignored are among File.Skipped.
func (r *records) end() {
	const shown = 20
	for _, key := range slices.Sorted(maps.Keys(r.ignored))[:min(shown, len(r.ignored))] {
		r.file.Skipped = append(r.file.Skipped, &FileError{File: r.name, Err: fmt.Errorf(
			"%q: %d values are not kept as metadata, since they are too long, too many, or neither text nor numbers", key, r.ignored[key])})
	}
	r.batch.end()
}

// readJSONL reads one document per line. There is a *FileError for each invalid line; the
// other lines give documents.
func (r Reader) readJSONL(s source, yield func(File, error) bool) {
	text := decode.NewReader(s.in)
	found := newRecords(s.name, yield)
	err := eachLine(text, r.limit(), func(row []byte, line int, tooLong bool) bool {
		switch {
		case tooLong:
			return found.fault(line, fmt.Errorf("has more than %d bytes: %w", r.limit(), ErrTooLong))
		case len(bytes.TrimSpace(row)) == 0:
			return true
		}
		return found.add(row, line)
	})
	found.endText(text, err)
	found.end()
}

// eachLine calls visit for each line until that returns false. For a line of more than
// limit bytes it sets tooLong and passes no text. The text may be used until visit
// returns.
func eachLine(from io.Reader, limit int64, visit func(text []byte, line int, tooLong bool) bool) error {
	in := bufio.NewReaderSize(from, 64<<10)
	var text []byte
	for line := 1; ; line++ {
		text = text[:0]
		size, err := int64(0), bufio.ErrBufferFull
		for errors.Is(err, bufio.ErrBufferFull) {
			var part []byte
			part, err = in.ReadSlice('\n')
			if size += int64(len(part)); size <= limit {
				text = append(text, part...)
			}
		}
		tooLong := size > limit
		if tooLong {
			text = text[:0]
		}
		if size > 0 && !visit(text, line, tooLong) || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// lists are the keys under which a JSON object may hold its list of records.
var lists = []string{"data", "documents", "articles", "items", "records", "results", "entries", "posts", "pages"}

// readJSON reads a record or a list of records. The list may be a value in an object.
func (r Reader) readJSON(s source, yield func(File, error) bool) {
	err := s.load(r.limit())
	var text string
	var warnings []string
	if err == nil {
		text, warnings, err = s.text(sniff.Text)
	}
	if err != nil {
		yield(File{}, err)
		return
	}
	list, err := recordsOf([]byte(text))
	if err != nil {
		if first, _, _ := strings.Cut(strings.TrimSpace(text), "\n"); json.Valid([]byte(first)) {
			r.readJSONL(newSource(s.name, strings.NewReader(text), int64(len(text)), s.left), yield) // JSON Lines in a file called .json
			return
		}
		yield(File{}, fmt.Errorf("is not JSON: %w", err))
		return
	}
	found := newRecords(s.name, yield)
	for i, object := range list {
		if i == maxRecords {
			found.failed = ErrRecords
			break
		}
		if !found.add(object, i+1) {
			break
		}
	}
	if found.count == 0 {
		yield(File{}, fmt.Errorf("is JSON without documents: %w", ErrForeign))
		return
	}
	found.file.Warnings = warnings
	found.end()
}

// recordsOf returns the objects of a JSON value that may be records.
func recordsOf(value []byte) (list []json.RawMessage, err error) {
	value = bytes.TrimSpace(value)
	if bytes.HasPrefix(value, []byte("[")) {
		d := json.NewDecoder(bytes.NewReader(value))
		if _, err := d.Token(); err != nil {
			return nil, err
		}
		for d.More() && len(list) <= maxRecords {
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
