package main

import (
	"fmt"
	"io"
	"math"
	"path"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// printSpaces prints a table with one line per space.
func printSpaces(w io.Writer, list []*accordv1.Space) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no spaces: a new collection has one")
		return
	}
	var rows [][]any
	for _, sp := range list {
		rows = append(rows, []any{
			path.Base(sp.GetName()), stateName(sp), sp.GetModel(), sp.GetModelServer(), percent(sp.GetProgress()),
			sp.GetDocumentCount(), sp.GetWindowCount(), sp.GetFailedWindowCount(), formatMinute(sp.GetCreateTime()),
		})
	}
	printTable(w, []string{"SPACE", "STATE", "MODEL", "SERVER", "DONE", "DOCUMENTS", "WINDOWS", "FAILED", "CREATED"}, rows)
}

// printSpace prints all fields of a space.
func printSpace(w io.Writer, sp *accordv1.Space) {
	printFields(w, []field{
		{"name", sp.GetName()},
		{"state", stateName(sp)},
		{"model", fmt.Sprintf("%s, %d dimensions, %d tokens", sp.GetModel(), sp.GetDimensions(), sp.GetMaxTokens())},
		{"server", sp.GetModelServer()},
		{"prefixes", prefixes(sp)},
		{"documents", fmt.Sprintf("%d, %d to embed (%s done)", sp.GetDocumentCount(), sp.GetPendingDocumentCount(), percent(sp.GetProgress()))},
		{"windows", fmt.Sprintf("%d, %d permanently without a vector", sp.GetWindowCount(), sp.GetFailedWindowCount())},
		{"created", formatMinute(sp.GetCreateTime())},
		{"activated", formatMinute(sp.GetActivateTime())},
	})
}

// prefixes describes the prefixes of queries and passages, and whether Accord or the server
// adds them.
func prefixes(sp *accordv1.Space) string {
	if sp.GetQueryPrefix() == "" && sp.GetPassagePrefix() == "" {
		return "none"
	}
	by := strings.ToLower(strings.TrimPrefix(sp.GetPrefixBy().String(), "PREFIX_BY_"))
	return fmt.Sprintf("%q before queries, %q before passages, added by the %s", sp.GetQueryPrefix(), sp.GetPassagePrefix(), by)
}

// printComparison prints one line per query, in order, and the mean. It prints nothing
// without a comparison.
func printComparison(w io.Writer, c *accordv1.SpaceComparison) {
	if c == nil {
		return
	}
	for _, q := range c.GetQueries() {
		fmt.Fprintf(w, "%4s  %s\n", percent(q.GetOverlap()), firstCells(q.GetQuery(), outputWidth(w)-10))
	}
	fmt.Fprintf(w, "%4s  of the first ten passages of %d queries are the same\n\n", percent(c.GetMeanOverlap()), c.GetQueryCount())
}

// printFailures prints one line per window without a vector.
func printFailures(w io.Writer, failures []*accordv1.WindowFailure) {
	for _, f := range failures {
		reason := strings.TrimPrefix(f.GetReason().String(), "WINDOW_FAILURE_REASON_")
		fmt.Fprintf(w, "  %s [%d:%d] %s: %s\n", oneLine(f.GetPassage()), f.GetRange().GetStart(), f.GetRange().GetEnd(), reason, firstCells(f.GetMessage(), 200))
	}
}

func stateName(sp *accordv1.Space) string {
	return strings.TrimPrefix(sp.GetState().String(), "SPACE_STATE_")
}

// percent returns a share in percent, rounded. It returns 100% only for all, and 0% only
// for nothing.
func percent(part float64) string {
	rounded := math.Round(100 * part)
	switch {
	case part > 0 && part < 1:
		rounded = min(max(rounded, 1), 99)
	case math.IsNaN(part):
		rounded = 0
	}
	return fmt.Sprintf("%.0f%%", rounded)
}

// formatMinute formats a time to the minute, and nil as "".
func formatMinute(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().Format("2006-01-02 15:04") + " UTC"
}
