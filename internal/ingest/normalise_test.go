package ingest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
)

// TestInvalidDocuments checks that an error names the field that is wrong, and that nothing
// is stored.
func TestInvalidDocuments(t *testing.T) {
	t.Parallel()
	decomposed := "Cafe\u0301."
	for name, test := range map[string]struct {
		change  func(d *document.Document)
		field   string
		problem string
	}{
		"blank":              {func(d *document.Document) { d.Text = " \n\u200b" }, "document.text", "is blank"},
		"NUL in the text":    {func(d *document.Document) { d.Text = "a\x00b" }, "document.text", "at byte 1"},
		"long text":          {func(d *document.Document) { d.Text = strings.Repeat("a", ingest.DefaultMaxTextBytes+1) }, "document.text", "bytes long"},
		"ranges would move":  {func(d *document.Document) { d.Text, d.Blocks = decomposed, make([]document.Block, 1) }, "document.text", "normalise it first"},
		"NUL in the title":   {func(d *document.Document) { d.Title = "a\x00" }, "document.title", "NUL"},
		"long title":         {func(d *document.Document) { d.Title = strings.Repeat("é", 2_001) }, "document.title", "2001 code points"},
		"long source":        {func(d *document.Document) { d.Source = strings.Repeat("a", 501) }, "document.source", "at most 500"},
		"long address":       {func(d *document.Document) { d.URI = strings.Repeat("a", 2_001) }, "document.uri", "at most 2000"},
		"long metadata key":  {func(d *document.Document) { d.Metadata = map[string]string{strings.Repeat("k", 129): ""} }, "document.metadata", "at most 128"},
		"NUL in metadata":    {func(d *document.Document) { d.Metadata = map[string]string{"k": "\x00"} }, `document.metadata["k"]`, "NUL"},
		"the same key twice": {func(d *document.Document) { d.Metadata = map[string]string{"caf\u00e9": "", "cafe\u0301": ""} }, "document.metadata", "another key"},
		"language":           {func(d *document.Document) { d.LanguageCode = "english!" }, "document.language_code", "leave it empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{}
			d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}
			test.change(&d)
			_, err := newIngester(f).Upsert(t.Context(), d, document.Precondition{})
			var wrong *document.FieldError
			if !errors.As(err, &wrong) || !strings.HasPrefix(wrong.Field, test.field) || !strings.Contains(wrong.Problem, test.problem) {
				t.Errorf("error %v, want one of %s with %q", err, test.field, test.problem)
			}
			if len(f.stored) > 0 {
				t.Errorf("%d documents were stored", len(f.stored))
			}
		})
	}
}

// TestNormalisedDocument checks that strings are stored in normalisation form C, that a
// missing language is detected, that a time without a precision is precise to a second, and that a
// time is stored in microseconds.
func TestNormalisedDocument(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	d := document.Document{
		Collection: "c", ID: "d", Text: "Le cafe\u0301 est ouvert tous les jours de la semaine.", Title: "Cafe\u0301",
		Metadata: map[string]string{"cafe\u0301": "e\u0301"}, PublishTime: time.Unix(1, 123_456_789),
	}
	if _, err := newIngester(f).Upsert(t.Context(), d, document.Precondition{}); err != nil {
		t.Fatal(err)
	}
	got := f.stored[0].Document
	if got.Text != "Le caf\u00e9 est ouvert tous les jours de la semaine." || got.Title != "Caf\u00e9" || got.Metadata["caf\u00e9"] != "\u00e9" {
		t.Errorf("stored %+q, title %+q, metadata %+q", got.Text, got.Title, got.Metadata)
	}
	if got.LanguageCode != "fr" || got.PublishPrecision != document.PrecisionSecond {
		t.Errorf("language %q, precision %v", got.LanguageCode, got.PublishPrecision)
	}
	if !got.PublishTime.Equal(time.Unix(1, 123_456_000)) {
		t.Errorf("publish time %v", got.PublishTime)
	}
}

// TestTooManyPassages checks that a text with more passages than a server can hold is refused before
// anything is embedded or stored.
func TestTooManyPassages(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: strings.Repeat("a.\n\n", 250_001)}
	for what, write := range map[string]func(context.Context, document.Document, document.Precondition) (ingest.Result, error){
		"with vectors": newIngester(f).Upsert, "without": newIngester(f).Enqueue,
	} {
		var fault *document.FieldError
		if _, err := write(t.Context(), d, document.Precondition{}); !errors.As(err, &fault) || fault.Field != "document.text" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if len(f.stored) > 0 {
		t.Errorf("%d documents are stored", len(f.stored))
	}
}
