package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type searchCmd struct {
	Query      string    `arg:"" help:"The question, in any language."`
	Collection string    `default:"collections/default" help:"Collection to search."`
	Limit      int32     `short:"n" default:"10" help:"Results at most, up to 100."`
	Language   []string  `help:"Only passages in these languages, such as en or zh."`
	Source     []string  `sep:"none" help:"Only documents of these sources, as written."`
	Document   []string  `sep:"none" help:"Only these documents, by name."`
	After      time.Time `format:"2006-01-02" help:"Only documents published on or after this day (UTC)."`
	Before     time.Time `format:"2006-01-02" help:"Only documents published before this day (UTC)."`
	Mode       string    `enum:"hybrid,semantic,lexical" default:"hybrid" help:"hybrid, semantic (meaning alone) or lexical (words alone)."`
	Output     string    `short:"o" enum:"text,json" default:"text" help:"text, or json: a SearchResponse."`

	clientFlags `embed:""`
	waitFlags   `embed:""`
}

// Run asks the question and prints the answer.
func (c *searchCmd) Run(ctx context.Context, io streams) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	filter := &accordv1.Filter{Languages: c.Language, Sources: c.Source, Documents: c.Document}
	if !c.After.IsZero() {
		filter.PublishedAfter = timestamppb.New(c.After)
	}
	if !c.Before.IsZero() {
		filter.PublishedBefore = timestamppb.New(c.Before)
	}
	answer, err := accordv1.NewSearchServiceClient(conn).Search(ctx, &accordv1.SearchRequest{
		Query: c.Query, Collection: c.Collection, PageSize: c.Limit, Filter: filter,
		Mode: accordv1.SearchMode(enumValue(accordv1.SearchMode_value, "SEARCH_MODE_", c.Mode)),
	})
	if err != nil {
		return err
	}
	if c.Output == "json" {
		fmt.Fprintln(io.out, protojson.Format(answer))
		return nil
	}
	for _, d := range answer.GetSearchInfo().GetDegraded() {
		fmt.Fprintln(io.err, "accord: part of the search did not work:", d)
	}
	if len(answer.GetResults()) == 0 {
		fmt.Fprintln(io.out, "nothing found")
	}
	for i, result := range answer.GetResults() {
		printResult(io.out, i+1, result)
	}
	return nil
}

// printResult prints one result for people: a line about the document, a line
// about the passage, and the text, wrapped.
func printResult(w io.Writer, rank int, result *accordv1.SearchResult) {
	p, d := result.GetPassage(), result.GetDocument()
	about := []string{d.GetLanguageCode()}
	if day := publishDay(d); day != "" {
		about = append([]string{day}, about...)
	}
	if d.GetSource() != "" {
		about = append(about, d.GetSource())
	}
	fmt.Fprintf(w, "%d. %s (%s)\n", rank, d.GetTitle(), strings.Join(about, ", "))
	place := p.GetName()
	if p.GetLabel() != "" {
		place = p.GetLabel() + "  " + place
	}
	r := p.GetRange()
	fmt.Fprintf(w, "   %s [%d:%d]  %.3f\n", place, r.GetStart(), r.GetEnd(), result.GetScores().GetFused())
	fmt.Fprintln(w, wrap(p.GetText(), outputWidth(w), "   "))
	fmt.Fprintln(w)
}

// publishDay is a document's date as far as it is known.
func publishDay(d *accordv1.Document) string {
	switch t := d.GetPublishTime(); {
	case t == nil:
		return ""
	case d.GetPublishTimePrecision() == accordv1.TimePrecision_TIME_PRECISION_DATE:
		return t.AsTime().Format(time.DateOnly)
	default:
		return t.AsTime().Format("2006-01-02 15:04 UTC")
	}
}
