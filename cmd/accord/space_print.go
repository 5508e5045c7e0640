package main

import (
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"

	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// printSpaces prints a table, a line a space.
func printSpaces(w io.Writer, list []*accordv1.Space) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no spaces: the first is made with the collection")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SPACE\tSTATE\tMODEL\tSERVER\tDONE\tDOCUMENTS\tWINDOWS\tFAILED\tCREATED")
	for _, sp := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n",
			path.Base(sp.GetName()), stateName(sp), sp.GetModel(), sp.GetModelServer(), percent(sp.GetProgress()),
			sp.GetDocumentCount(), sp.GetWindowCount(), sp.GetFailedWindowCount(), moment(sp.GetCreateTime()))
	}
	_ = table.Flush() // standard output that is closed is told at the end
}

// printSpace prints all that there is to say of one space.
func printSpace(w io.Writer, sp *accordv1.Space) {
	for _, field := range []struct{ label, value string }{
		{"name", sp.GetName()},
		{"state", stateName(sp)},
		{"model", fmt.Sprintf("%s, %d dimensions, %d tokens", sp.GetModel(), sp.GetDimensions(), sp.GetMaxTokens())},
		{"server", sp.GetModelServer()},
		{"prefixes", prefixes(sp)},
		{"documents", fmt.Sprintf("%d, %d to embed (%s done)", sp.GetDocumentCount(), sp.GetPendingDocumentCount(), percent(sp.GetProgress()))},
		{"windows", fmt.Sprintf("%d, %d without a vector for good", sp.GetWindowCount(), sp.GetFailedWindowCount())},
		{"created", moment(sp.GetCreateTime())},
		{"activated", moment(sp.GetActivateTime())},
	} {
		if field.value != "" {
			fmt.Fprintf(w, "%-10s %s\n", field.label, field.value)
		}
	}
}

// prefixes says what is put before queries and passages, and by whom.
func prefixes(sp *accordv1.Space) string {
	if sp.GetQueryPrefix() == "" && sp.GetPassagePrefix() == "" {
		return "none"
	}
	by := strings.ToLower(strings.TrimPrefix(sp.GetPrefixBy().String(), "PREFIX_BY_"))
	return fmt.Sprintf("%q before queries, %q before passages, by the %s", sp.GetQueryPrefix(), sp.GetPassagePrefix(), by)
}

// printComparison prints a line a query, as they were asked, and the
// mean; nothing where there was none.
func printComparison(w io.Writer, c *accordv1.SpaceComparison) {
	if c == nil {
		return
	}
	for _, q := range c.GetQueries() {
		fmt.Fprintf(w, "%4s  %s\n", percent(q.GetOverlap()), firstCells(q.GetQuery(), outputWidth(w)-10))
	}
	fmt.Fprintf(w, "%4s  of the first ten passages of %d queries are the same\n\n", percent(c.GetMeanOverlap()), c.GetQueryCount())
}

// printFailures prints a line a window without a vector.
func printFailures(w io.Writer, failures []*accordv1.WindowFailure) {
	for _, f := range failures {
		reason := strings.TrimPrefix(f.GetReason().String(), "WINDOW_FAILURE_REASON_")
		fmt.Fprintf(w, "  %s [%d:%d] %s: %s\n", f.GetPassage(), f.GetRange().GetStart(), f.GetRange().GetEnd(), reason, firstCells(f.GetMessage(), 200))
	}
}

func stateName(sp *accordv1.Space) string {
	return strings.TrimPrefix(sp.GetState().String(), "SPACE_STATE_")
}

// percent rounds down, so that 100% is all.
func percent(part float64) string {
	const rounding = 1e-9 // 100 × 0.29 is less than 29
	return fmt.Sprintf("%d%%", int(100*part+rounding))
}

// moment is a time to the minute; empty where there is none.
func moment(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().Format("2006-01-02 15:04") + " UTC"
}
