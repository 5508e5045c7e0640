// Package convert converts documents between the API and the domain. Servers and clients use
// it, so that a new field of a document is added here alone.
package convert

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// ToDocument returns the fields that the writer of a document gives, without its name and
// publish time, which may be invalid.
func ToDocument(in *accordv1.Document) document.Document {
	d := document.Document{
		Title: in.GetTitle(), LanguageCode: in.GetLanguageCode(),
		PublishPrecision: document.Precision(in.GetPublishTimePrecision()),
		Source:           in.GetSource(), URI: in.GetUri(), Text: in.GetText(), Metadata: in.GetMetadata(),
	}
	for _, b := range in.GetBlocks() {
		r := b.GetRange()
		d.Blocks = append(d.Blocks, document.Block{Kind: document.Kind(b.GetKind()), Level: int(b.GetLevel()), Range: document.TextRange{
			Start: int(r.GetStart()), End: int(r.GetEnd()), StartByte: int(r.GetStartByte()), EndByte: int(r.GetEndByte()),
		}})
	}
	for _, start := range in.GetPageStarts() {
		d.PageStarts = append(d.PageStarts, int(start))
	}
	return d
}

// FromDocument returns the name of a document and the fields that its writer gives.
func FromDocument(d document.Document) *accordv1.Document {
	out := &accordv1.Document{
		Name: document.Name(d.Collection, d.ID), Title: d.Title, LanguageCode: d.LanguageCode,
		PublishTimePrecision: accordv1.TimePrecision(d.PublishPrecision),
		Source:               d.Source, Uri: d.URI, Text: d.Text, Metadata: d.Metadata,
	}
	if !d.PublishTime.IsZero() {
		out.PublishTime = timestamppb.New(d.PublishTime)
	}
	for _, b := range d.Blocks {
		out.Blocks = append(out.Blocks, &accordv1.Block{Kind: accordv1.PassageKind(b.Kind), Level: int32(b.Level), Range: FromRange(b.Range)})
	}
	for _, start := range d.PageStarts {
		out.PageStarts = append(out.PageStarts, int32(start))
	}
	return out
}

// FromRange returns a range as the API has it.
func FromRange(r document.TextRange) *accordv1.TextRange {
	return &accordv1.TextRange{
		Start: int32(r.Start), End: int32(r.End), StartByte: int32(r.StartByte), EndByte: int32(r.EndByte),
	}
}
