package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/rivo/uniseg"
	"github.com/schollz/progressbar/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// report tells what an ingest does: to a terminal a progress bar and the report
// at the end, otherwise plain lines as things happen. It is safe for concurrent
// use.
type report struct {
	io      streams
	json    bool
	explain bool

	mu       sync.Mutex
	bar      *progressbar.ProgressBar
	later    strings.Builder   // lines held back while the bar is shown
	ids      map[string]string // of documents read → the path of their file
	outcomes map[accordv1.WriteOutcome]int
	failed   int  // documents and files
	passing  bool // some of them may do if they are tried again
	removed  int
	passages int
	partial  int // documents with windows that have no vector
	pending  int // documents that wait for vectors
	furnish  int
}

func newReport(io streams, json, explain bool) *report {
	return &report{io: io, json: json, explain: explain, ids: map[string]string{}, outcomes: map[accordv1.WriteOutcome]int{}}
}

// start shows the bar over a number of files where a terminal watches.
func (r *report) start(files int) {
	if isTerminal(r.io.err) {
		r.bar = progressbar.NewOptions(files, progressbar.OptionSetWriter(r.io.err), progressbar.OptionSetDescription("ingesting"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
}

// fileDone moves the bar by a file.
func (r *report) fileDone() {
	if r.bar != nil {
		_ = r.bar.Add(1) // a bar that cannot be drawn stops nothing
	}
}

// line prints a line of the report, or keeps it until the bar is gone.
func (r *report) line(format string, args ...any) {
	if r.bar != nil {
		fmt.Fprintf(&r.later, format+"\n", args...)
		return
	}
	fmt.Fprintf(r.io.err, format+"\n", args...)
}

// claim gives an id to the document of a file; where a document has it already
// it returns the path of that one's file.
func (r *report) claim(id, path string) (first string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, taken := r.ids[id]; taken {
		return first
	}
	r.ids[id] = path
	return ""
}

// failedFiles reports each error that is joined in err; none where it is nil.
func (r *report) failedFiles(err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			r.failedFiles(err)
		}
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
	r.line("failed     %v", err)
}

// skipped reports what of a folder is not read, and why.
func (r *report) skipped(files []*corpus.FileError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, err := range files {
		r.line("skipped    %v", err)
	}
}

func (r *report) dropped(file string, dropped []corpus.Dropped) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.furnish += len(dropped)
	if !r.explain {
		return
	}
	for _, d := range dropped {
		r.line("dropped    %s, document %d: %s: %q", file, d.Document, d.Reason, d.Text)
	}
}

// written reports what became of a document.
func (r *report) written(file string, ack *accordv1.ImportDocumentsResponse) {
	r.mu.Lock()
	defer r.mu.Unlock()
	outcome := strings.TrimPrefix(ack.GetOutcome().String(), "WRITE_OUTCOME_")
	r.outcomes[ack.GetOutcome()]++
	r.passages += int(ack.GetPassageCount())
	switch {
	case ack.GetIndexState() == accordv1.IndexState_INDEX_STATE_PENDING:
		r.pending++
	case ack.GetFailedWindowCount() > 0:
		r.partial++
	}
	failed := ack.GetOutcome() == accordv1.WriteOutcome_WRITE_OUTCOME_FAILED
	if failed {
		r.failed++
		r.passing = r.passing || mayPass(codes.Code(ack.GetStatus().GetCode()))
	}
	switch {
	case r.json:
		_ = printJSON(r.io, map[string]any{ // standard output that is closed is told at the end
			"file": file, "name": ack.GetName(), "outcome": outcome, "passages": ack.GetPassageCount(),
			"failed_windows": ack.GetFailedWindowCount(), "error": ack.GetStatus().GetMessage(),
			"index_state": indexStateName(ack.GetIndexState()),
		})
	case failed:
		r.line("failed     %s (%s): %s", ack.GetName(), file, ack.GetStatus().GetMessage())
	case ack.GetFailedWindowCount() > 0:
		r.line("%-10s %s (%s): %d passages, partly indexed (windows without a vector: %d; accord get %[2]s says why)",
			strings.ToLower(outcome), ack.GetName(), file, ack.GetPassageCount(), ack.GetFailedWindowCount())
	default:
		r.line("%-10s %s (%s): %d passages", strings.ToLower(outcome), ack.GetName(), file, ack.GetPassageCount())
	}
	if ack.GetCalibrating() && !r.json {
		r.line("The server goes on to calibrate what was imported; until it is done, scores and order may change.")
	}
}

// unsent reports a document that got no answer.
func (r *report) unsent(file, name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
	r.passing = r.passing || mayPass(status.Code(err))
	r.line("failed     %s (%s): %s", name, file, message(err))
}

// unread reports files that were not come to.
func (r *report) unread(inputs []corpus.Input) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, input := range inputs {
		r.failed++
		r.line("failed     %s: not read, since the import ended before", input.Name)
	}
}

// deleted reports a document that its file no longer holds.
func (r *report) deleted(file, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed++
	r.line("removed    %s: %s no longer holds it", name, file)
}

// dryRun prints a document that was read.
func (r *report) dryRun(file string, d document.Document, passages []document.Passage) error {
	if r.json {
		return printJSON(r.io, newDryDocument(file, d, passages))
	}
	out := newDryDocument(file, d, passages)
	fmt.Fprintf(r.io.out, "%s (%s)\n  title     %s\n  published %s\n  language  %s\n  source    %s\n  passages  %d\n",
		d.ID, file, d.Title, out.PublishTime, d.LanguageCode, d.Source, len(passages))
	for _, p := range out.Passages {
		fmt.Fprintf(r.io.out, "    %3d %-9s %s %s\n", p.Ordinal, p.Kind, p.Label, firstCells(p.Text, 80))
	}
	return nil
}

// summary ends the report. A file that could not be read counts as a document
// that failed.
func (r *report) summary(dryRun bool) {
	if r.bar != nil {
		_ = r.bar.Finish()
		fmt.Fprint(r.io.err, r.later.String())
		r.bar = nil
	}
	if dryRun {
		r.line("documents: %d read, %d failed; %d lines of page furniture dropped", len(r.ids), r.failed, r.furnish)
		return
	}
	count := func(o accordv1.WriteOutcome) int { return r.outcomes[o] }
	r.line("documents: %d new, %d changed, %d unchanged, %d failed, %d removed; %d passages; %d lines of page furniture dropped",
		count(accordv1.WriteOutcome_WRITE_OUTCOME_CREATED), count(accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED),
		count(accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED), r.failed, r.removed, r.passages, r.furnish)
	if r.pending > 0 {
		r.line("documents found by their words alone until they have vectors: %d; accord ingest status says how far that is", r.pending)
	}
	if r.partial > 0 {
		r.line("documents partly indexed: %d; what of them has no vector is found by its words alone", r.partial)
	}
}

// firstCells returns the beginning of text, on one line of at most so many cells.
func firstCells(text string, cells int) string {
	text = strings.Join(strings.Fields(text), " ")
	var out strings.Builder
	for used, state := 0, -1; text != ""; {
		var cluster string
		var width int
		cluster, text, width, state = uniseg.FirstGraphemeClusterInString(text, state)
		if used += width; used > cells {
			return out.String() + "…"
		}
		out.WriteString(cluster)
	}
	return out.String()
}
