package main

import (
	"context"
	"fmt"
	"iter"
	"path"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// dryRun reads the files and prints their documents.
func (c *ingestCmd) dryRun(ctx context.Context, files iter.Seq2[tree.File, error], r *report) error {
	return reader{
		number: c.readers(),
		read:   c.parse,
		begin:  r.begin,
		take: func(next *fileToRead, piece *filePiece) error {
			var decisions map[string][]dryDecision
			if c.Explain {
				decisions = decisionsOf(piece.file)
			}
			c.reportRead(next, piece, r)
			for _, d := range piece.file.Documents {
				out := newDryDocument(path.Join(c.Prefix, next.input.Name), d, chunk.Passages(d))
				out.Decisions = decisions[d.ID]
				if err := r.dryRun(out); err != nil {
					return err
				}
			}
			return nil
		},
		end:     func(*fileToRead) error { return nil },
		abandon: func(*fileToRead) {},
	}.run(ctx, files)
}

// dryRun prints a document that was read.
func (r *report) dryRun(out dryDocument) error {
	if r.json {
		return printJSON(r.io.out, out)
	}
	fmt.Fprintf(r.io.out, "%s (%s)\n  title     %s\n  published %s\n  language  %s\n  source    %s\n  passages  %d\n",
		out.ID, oneLine(out.File), oneLine(out.Title), out.PublishTime, oneLine(out.LanguageCode), oneLine(out.Source), len(out.Passages))
	for _, p := range out.Passages {
		fmt.Fprintf(r.io.out, "    %3d %-9s %s %s\n", p.Ordinal, p.Kind, oneLine(placeOf(p.LabelPath, p.Label)), firstCells(p.Text, 80))
	}
	return nil
}

// dryDocument is a document in the output of --dry-run -o json.
type dryDocument struct {
	File         string            `json:"file"`
	ID           string            `json:"id"`
	Title        string            `json:"title"`
	PublishTime  string            `json:"publish_time"` // RFC 3339, in the source's zone
	Precision    string            `json:"publish_time_precision"`
	LanguageCode string            `json:"language_code"`
	Source       string            `json:"source"`
	URI          string            `json:"uri"`
	Metadata     map[string]string `json:"metadata"`
	Text         string            `json:"text"`
	Passages     []dryPassage      `json:"passages"`
	Decisions    []dryDecision     `json:"decisions,omitempty"` // only with --explain
}

type dryPassage struct {
	Ordinal   int      `json:"ordinal"`
	Kind      string   `json:"kind"`
	Label     string   `json:"label"`
	LabelPath []string `json:"label_path"`
	Text      string   `json:"text"`
	Range     dryRange `json:"range"`
	Page      int      `json:"page,omitempty"` // from 1
	PageEnd   int      `json:"page_end,omitempty"`
}

type dryRange struct {
	Start     int `json:"start"`
	End       int `json:"end"`
	StartByte int `json:"start_byte"`
	EndByte   int `json:"end_byte"`
}

func newDryDocument(file string, d document.Document, passages []document.Passage) dryDocument {
	out := dryDocument{
		File: file, ID: d.ID, Title: d.Title, LanguageCode: d.LanguageCode, Source: d.Source, URI: d.URI,
		Metadata: d.Metadata, Text: d.Text, Passages: make([]dryPassage, len(passages)),
	}
	if !d.PublishTime.IsZero() {
		out.PublishTime = d.PublishTime.Format(time.RFC3339)
		out.Precision = precisionName(d.PublishPrecision)
	}
	for i, p := range passages {
		out.Passages[i] = dryPassage{
			Ordinal: p.Ordinal, Kind: p.Kind.String(), Label: p.Label, LabelPath: append([]string{}, p.LabelPath...), Text: p.Text,
			Range: dryRange{p.Range.Start, p.Range.End, p.Range.StartByte, p.Range.EndByte},
			Page:  p.Page, PageEnd: p.PageEnd,
		}
	}
	return out
}

func precisionName(p document.Precision) string {
	return strings.TrimPrefix(accordv1.TimePrecision(p).String(), "TIME_PRECISION_")
}
