package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// counts counts what an ingest does.
type counts struct {
	files            int // files that the walk found
	formats          map[string]int
	unread           int // files that have not changed
	unfit            int // files of other kinds, and parts of files, that are skipped
	unreached        int // files that were not read, because the import ended early
	outcomes         map[accordv1.WriteOutcome]int
	failed           int // failed documents and files
	kinds            map[string]int
	would            map[string]int // number of documents by kind of change, such as wouldCreate; only with --diff
	retriable        bool           // whether a retry of some failed documents may succeed
	removed          int
	passages         int
	partial          int // documents with windows that have no vector
	pending          int // documents that wait for vectors
	furniture        int // lines of page furniture dropped
	foreignDocuments int // documents that were not sent, because the stored document came from another folder
}

func newCounts() counts {
	return counts{formats: map[string]int{}, outcomes: map[accordv1.WriteOutcome]int{}, kinds: map[string]int{}, would: map[string]int{}}
}

// codeOf returns the status code of an error. That of an interrupted command is Canceled.
func codeOf(err error) codes.Code {
	if errors.Is(err, context.Canceled) {
		return codes.Canceled
	}
	return status.Code(err)
}

// refusedBy returns the kind of a failure of a document by the status code.
func refusedBy(code codes.Code) string {
	switch {
	case isRetriable(code):
		return "the server did not answer in time"
	case code == codes.Canceled:
		return "interrupted"
	case code == codes.Unauthenticated, code == codes.PermissionDenied:
		return "not allowed"
	}
	return "refused by the server"
}

// end ends the report. It prints the summary, unless err stopped the command before the
// first document.
func (r *report) end(dryRun bool, err error) {
	if r.bar != nil {
		_ = r.bar.Finish()
		r.bar = nil
	}
	const shown = 10 // maximum number of files that notRead prints
	if more := r.unreached - shown; more > 0 {
		r.line("failed     %d more files: not read either", more)
	}
	if err != nil && len(r.outcomes) == 0 && r.failed == 0 && r.removed == 0 {
		return
	}
	r.summary(dryRun)
	if r.json && (!dryRun || len(r.would) > 0) {
		_ = printJSON(r.io.out, map[string]any{"summary": r.object()}) // main reports a closed standard output
	}
}

// summary prints how many documents were written. An unreadable file counts as a failed
// document.
func (r *report) summary(dryRun bool) {
	if dryRun {
		r.line("documents: %d read, %d failed; %d lines of page furniture dropped", len(r.ids), r.failed, r.furniture)
		if len(r.would) > 0 {
			r.line("an ingest would leave: %d new, %d changed, %d unchanged, %d removed, %d refused",
				r.would[wouldCreate], r.would[wouldChange], r.would[wouldKeep], r.would[wouldRemove], r.would[wouldRefuse])
		}
	} else {
		r.line("documents: %d new, %d changed, %d unchanged, %d failed, %d removed; %d passages; %d lines of page furniture dropped",
			r.count(accordv1.WriteOutcome_WRITE_OUTCOME_CREATED), r.count(accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED),
			r.count(accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED), r.failed, r.removed, r.passages, r.furniture)
	}
	if r.pending > 0 {
		r.line("documents found only by words until they have vectors: %d; see accord ingest status", r.pending)
	}
	if r.foreignDocuments > 0 {
		r.line("documents stored from another folder: %d; use --prefix NAME or another --collection to keep both, or --replace-root if the folder moved", r.foreignDocuments)
	}
	if r.partial > 0 {
		r.line("documents partly indexed: %d; the windows without a vector are found only by words", r.partial)
	}
	r.printFiles()
}

// printFiles prints the files by format, and the failures by kind.
func (r *report) printFiles() {
	parts := listed(r.formats)
	if r.unread > 0 {
		parts = append(parts, fmt.Sprintf("%d unchanged and not read", r.unread))
	}
	if len(parts) > 0 {
		r.line("files: %s", strings.Join(parts, ", "))
	}
	if r.unfit > 0 {
		r.line("skipped: %d files or parts of files; see above", r.unfit)
	}
	if len(r.kinds) > 0 {
		r.line("failed: %s", strings.Join(listed(r.kinds), ", "))
	}
}

// listed returns each count with its key, such as "3 text", the largest first.
func listed(counts map[string]int) (out []string) {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for _, key := range keys {
		out = append(out, fmt.Sprintf("%d %s", counts[key], key))
	}
	return out
}

func (r *report) count(o accordv1.WriteOutcome) int { return r.outcomes[o] }

// object returns the summary for -o json. docs/ingest.md describes it.
func (r *report) object() map[string]any {
	if len(r.would) > 0 {
		return map[string]any{"would_be": r.would, "failed": r.failed, "failed_by_kind": r.kinds}
	}
	return map[string]any{
		"files": map[string]any{"found": r.files, "read_by_format": r.formats, "unchanged": r.unread},
		"documents": map[string]int{
			"created": r.count(accordv1.WriteOutcome_WRITE_OUTCOME_CREATED), "updated": r.count(accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED),
			"unchanged": r.count(accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED), "removed": r.removed,
			"pending": r.pending, "partly_indexed": r.partial,
		},
		"failed": r.failed, "failed_by_kind": r.kinds, "skipped": r.unfit,
		"passages": r.passages, "dropped_lines": r.furniture,
	}
}
