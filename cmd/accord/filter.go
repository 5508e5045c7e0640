package main

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// filterFlags select the passages or documents that a command applies to.
type filterFlags struct {
	Language []string          `help:"Only passages or documents in these languages, such as en or zh."`
	Source   []string          `sep:"none" help:"Only documents of these sources, as written."`
	Document []string          `sep:"none" help:"Only these documents, by name."`
	Kind     []string          `enum:"paragraph,article,heading,caption" help:"Only passages of these kinds, or documents with such passages: paragraph, article, heading or caption."`
	Metadata map[string]string `mapsep:"none" help:"Only documents with this metadata, such as file=a.txt."`
	Where    []where           `sep:"none" placeholder:"CONDITION" help:"Only documents that meet a condition: FIELD=VALUE, FIELD=VALUE|VALUE, FIELD!=VALUE, \"FIELD>=BOUND\" (also >, <= and <; a number, a day or a time), FIELD (it has a value) or !FIELD. FIELD is metadata.KEY, title, source, uri, publish_time, create_time or update_time. Several conditions must all hold."`
	After    moment            `help:"Only documents published at or after this time, such as 2024-05-31 (midnight UTC) or 2024-05-31T10:00:00Z."`
	Before   moment            `help:"Only documents published before this time, such as 2024-05-31 (midnight UTC) or 2024-05-31T10:00:00Z."`
}

func (f filterFlags) filter() *accordv1.Filter {
	filter := &accordv1.Filter{Languages: f.Language, Sources: f.Source, Documents: f.Document, Metadata: f.Metadata}
	for _, kind := range f.Kind {
		filter.Kinds = append(filter.Kinds, accordv1.PassageKind(enumValue(accordv1.PassageKind_value, "PASSAGE_KIND_", kind)))
	}
	for _, w := range f.Where {
		filter.Conditions = append(filter.Conditions, w.Condition)
	}
	if !f.After.IsZero() {
		filter.PublishedAfter = timestamppb.New(f.After.Time)
	}
	if !f.Before.IsZero() {
		filter.PublishedBefore = timestamppb.New(f.Before.Time)
	}
	return filter
}
