package ingest

import (
	"fmt"
	"strings"
	"unicode"

	xlanguage "golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
)

// normalise returns a document as it is stored: strings in normalisation form
// C, a canonical language tag, blocks with ranges in both units. It returns a
// *document.FieldError for what cannot be stored.
func normalise(d document.Document, maxBytes int) (document.Document, error) {
	if err := checkText(d, maxBytes); err != nil {
		return d, err
	}
	d.Text = norm.NFC.String(d.Text)
	var err error
	for _, f := range []struct {
		name  string
		value *string
	}{{"document.title", &d.Title}, {"document.source", &d.Source}, {"document.uri", &d.URI}} {
		if *f.value, err = cleanLine(f.name, *f.value); err != nil {
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
	if d.PublishTime.IsZero() {
		d.PublishPrecision = document.PrecisionUnknown
	} else if d.PublishPrecision == document.PrecisionUnknown {
		d.PublishPrecision = document.PrecisionSecond
	}
	return d, err
}

func checkText(d document.Document, maxBytes int) error {
	fault := func(format string, args ...any) error {
		return &document.FieldError{Field: "document.text", Problem: fmt.Sprintf(format, args...)}
	}
	visible := func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
	switch {
	case len(d.Text) > maxBytes:
		return fault("is %d bytes long; at most %d are stored: send it as several documents", len(d.Text), maxBytes)
	case strings.ContainsRune(d.Text, 0):
		return fault("contains NUL (U+0000) at byte %d; remove it", strings.IndexByte(d.Text, 0))
	case strings.IndexFunc(d.Text, visible) < 0:
		return fault("is blank; send the text to search in")
	case !norm.NFC.IsNormalString(d.Text) && len(d.Blocks) > 0:
		return fault("is not in Unicode normalisation form C, in which it is stored, so that the ranges of blocks would no longer fit; normalise it first")
	}
	return nil
}

func cleanLine(field, value string) (string, error) {
	if strings.ContainsRune(value, 0) {
		return "", &document.FieldError{Field: field, Problem: "contains NUL (U+0000); remove it"}
	}
	return norm.NFC.String(value), nil
}

func cleanMetadata(in map[string]string) (map[string]string, error) {
	out := make(map[string]string, len(in))
	for key, value := range in {
		field := fmt.Sprintf("document.metadata[%q]", key)
		key, err := cleanLine(field, key)
		if err != nil {
			return nil, err
		}
		if out[key], err = cleanLine(field, value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// languageTag returns the canonical form of the tag given, or of the language
// that the text is in.
func languageTag(d document.Document) (string, error) {
	if d.LanguageCode == "" {
		return language.Detect(d.Text), nil
	}
	tag, err := xlanguage.Parse(d.LanguageCode)
	if err != nil {
		return "", &document.FieldError{
			Field:   "document.language_code",
			Problem: fmt.Sprintf("%q is not a BCP-47 tag such as en or zh-Hant; leave it empty to have it detected", d.LanguageCode),
		}
	}
	return tag.String(), nil
}
