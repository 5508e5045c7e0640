package ingest

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
)

// Limits of strings in code points, as in document.proto. They are checked here again
// because normalisation can lengthen a string.
const (
	maxTitle         = 2_000
	maxSource        = 500
	maxURI           = 2_000
	maxMetadataKey   = 128
	maxMetadataValue = 4_096
)

// maxPassages is the maximum number of passages of a document, as many as the lines that
// accord ingest reads from a text. Each passage takes memory while the document is written,
// so a text of a million short paragraphs would end a small server (INGEST-40).
const maxPassages = 250_000

// normalise returns a document as it is stored: strings in normalisation form C, a
// canonical language tag, blocks with ranges in both units, and the publish time in
// microseconds. It returns a *document.FieldError for invalid input.
//
// Because norm.NFC follows UAX #15's Stream-Safe Text Format, it also inserts U+034F,
// which is invisible, after every 30 combining marks in a row. No language is written
// with that many.
func normalise(d document.Document, maxBytes int) (document.Document, error) {
	given := d.Text
	d.Text = norm.NFC.String(given)
	if err := checkText(given, d.Text, maxBytes); err != nil {
		return d, err
	}
	if d.Text != given && len(d.Blocks)+len(d.PageStarts) > 0 {
		return d, textFault("is not in Unicode normalisation form C, in which it is stored, and normalisation would move the ranges of blocks and the starts of pages; normalise it first")
	}
	if err := checkPages(d); err != nil {
		return d, err
	}
	var err error
	for _, f := range []struct {
		name  string
		value *string
		most  int
	}{{"document.title", &d.Title, maxTitle}, {"document.source", &d.Source, maxSource}, {"document.uri", &d.URI, maxURI}} {
		if *f.value, err = cleanLine(f.name, *f.value, f.most); err != nil {
			return d, err
		}
	}
	if d.Metadata, err = cleanMetadata(d.Metadata); err != nil {
		return d, err
	}
	if d.LanguageCode, err = languageTag(d); err != nil {
		return d, err
	}
	d.Blocks, err = document.FillBytes(d.Text, d.Blocks)
	d.PublishTime = d.PublishTime.Truncate(time.Microsecond) // otherwise a document that is read and written back would change
	if d.PublishTime.IsZero() {
		d.PublishPrecision = document.PrecisionUnknown
	} else if d.PublishPrecision == document.PrecisionUnknown {
		d.PublishPrecision = document.PrecisionSecond
	}
	return d, err
}

// checkText checks whether a text can be stored. given is the original, and text the same
// in normalisation form C.
func checkText(given, text string, maxBytes int) error {
	visible := func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
	switch {
	case len(text) > maxBytes:
		return textFault("is %d bytes long in Unicode normalisation form C; at most %d are stored: send it as several documents", len(text), maxBytes)
	case strings.ContainsRune(given, 0):
		return textFault("contains NUL (U+0000) at byte %d; remove it", strings.IndexByte(given, 0))
	case strings.IndexFunc(text, visible) < 0:
		return textFault("is blank; send the text to search in")
	}
	return nil
}

// checkPages checks that the starts of pages are in order and in the text.
func checkPages(d document.Document) error {
	at := 0
	for i, start := range d.PageStarts {
		if start < at {
			return fault(fmt.Sprintf("document.page_starts[%d]", i), "is %d, but the previous page begins at %d; give the pages in order", start, at)
		}
		at = start
	}
	switch points := utf8.RuneCountInString(d.Text); {
	case len(d.PageStarts) > 0 && d.PageStarts[0] != 0:
		return fault("document.page_starts[0]", "is %d; page 1 must begin at 0", d.PageStarts[0])
	case at > points:
		return fault(fmt.Sprintf("document.page_starts[%d]", len(d.PageStarts)-1), "is %d, beyond the end of the text (%d code points)", at, points)
	}
	return nil
}

func textFault(format string, args ...any) error { return fault("document.text", format, args...) }

// cleanLine returns value in normalisation form C. It returns an error if the result has
// more than most code points.
func cleanLine(field, value string, most int) (string, error) {
	if strings.ContainsRune(value, 0) {
		return "", &document.FieldError{Field: field, Problem: "contains NUL (U+0000); remove it"}
	}
	value = norm.NFC.String(value)
	if n := utf8.RuneCountInString(value); n > most {
		return "", &document.FieldError{Field: field, Problem: fmt.Sprintf("has %d code points in Unicode normalisation form C; at most %d are stored", n, most)}
	}
	return value, nil
}

func cleanMetadata(in map[string]string) (map[string]string, error) {
	out := make(map[string]string, len(in))
	for key, value := range in {
		field := fmt.Sprintf("document.metadata[%q]", key)
		key, err := cleanLine(field, key, maxMetadataKey)
		if err != nil {
			return nil, err
		}
		if _, twice := out[key]; twice {
			return nil, &document.FieldError{Field: field, Problem: "is the same as another key in Unicode normalisation form C; leave one out"}
		}
		if out[key], err = cleanLine(field, value, maxMetadataValue); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// languageTag returns the canonical form of the given tag, or of the detected language.
func languageTag(d document.Document) (string, error) {
	if d.LanguageCode == "" {
		return language.DetectDocument(d.Text), nil
	}
	tag, err := language.Canonical(d.LanguageCode)
	if err != nil {
		return "", &document.FieldError{
			Field: "document.language_code", Problem: err.Error() + "; leave it empty to have it detected",
		}
	}
	return tag, nil
}
