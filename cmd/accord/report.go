package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/schollz/progressbar/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// report prints the progress of an ingest: on a terminal a progress bar and then the
// report, otherwise plain lines as things happen. It is safe for concurrent use.
type report struct {
	io      streams
	json    bool
	explain bool

	mu               sync.Mutex
	bar              *progressbar.ProgressBar
	later            strings.Builder   // lines held back while the bar is shown
	ids              map[string]string // id of a document → path of its file
	outcomes         map[accordv1.WriteOutcome]int
	failed           int  // documents and files
	retriable        bool // whether a retry of some failed documents may succeed
	removed          int
	passages         int
	partial          int // documents with windows that have no vector
	pending          int // documents that wait for vectors
	furniture        int // lines of page furniture dropped
	foreignDocuments int // documents that were not sent, because the stored document came from another folder
}

func newReport(io streams, json, explain bool) *report {
	return &report{io: io, json: json, explain: explain, ids: map[string]string{}, outcomes: map[accordv1.WriteOutcome]int{}}
}

// start shows a progress bar over a number of files, on a terminal only.
func (r *report) start(files int) {
	if isTerminal(r.io.err) {
		r.bar = progressbar.NewOptions(files, progressbar.OptionSetWriter(raw(r.io.err)), progressbar.OptionSetDescription("ingesting"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
}

// fileDone advances the bar by one file.
func (r *report) fileDone() {
	if r.bar != nil {
		_ = r.bar.Add(1) // failing to draw the bar is not an error
	}
}

// line prints a line of the report, or keeps it until the bar ends.
func (r *report) line(format string, args ...any) {
	text := oneLine(fmt.Sprintf(format, args...))
	if r.bar != nil {
		fmt.Fprintln(&r.later, text)
		return
	}
	fmt.Fprintln(r.io.err, text)
}

// claim records that a document of the file at path has an id. If another document has the
// id already, it returns the path of that document's file.
func (r *report) claim(id, path string) (first string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, taken := r.ids[id]; taken {
		return first
	}
	r.ids[id] = path
	return ""
}

// failedFiles reports each of the errors that err joins.
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

// skipped reports the files of a folder that are not read, and why.
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
	r.furniture += len(dropped)
	if !r.explain {
		return
	}
	for _, d := range dropped {
		r.line("dropped    %s, document %d: %s: %q", file, d.Document, d.Reason, d.Text)
	}
}

// warned prints what may be wrong with a file that was read.
func (r *report) warned(file string, warnings []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, warning := range warnings {
		r.line("warning    %s: %s", file, warning)
	}
}

// written reports the outcome of a document.
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
		r.retriable = r.retriable || isRetriable(codes.Code(ack.GetStatus().GetCode()))
	}
	switch {
	case r.json:
		_ = printJSON(r.io.out, map[string]any{ // main reports a closed standard output
			"file": file, "name": ack.GetName(), "outcome": outcome, "passages": ack.GetPassageCount(),
			"failed_windows": ack.GetFailedWindowCount(), "error": ack.GetStatus().GetMessage(),
			"index_state": indexStateName(ack.GetIndexState()),
		})
	case failed:
		r.line("failed     %s (%s): %s", ack.GetName(), file, ack.GetStatus().GetMessage())
	case ack.GetFailedWindowCount() > 0:
		r.line("%-10s %s (%s): %d passages, partly indexed (windows without a vector: %d; accord get %[2]s shows why)",
			strings.ToLower(outcome), ack.GetName(), file, ack.GetPassageCount(), ack.GetFailedWindowCount())
	default:
		r.line("%-10s %s (%s): %d passages", strings.ToLower(outcome), ack.GetName(), file, ack.GetPassageCount())
	}
	if ack.GetCalibrating() && !r.json {
		r.line("The server is still calibrating the imported documents; until it is done, scores and order may change.")
	}
}

// unanswered reports a document without an answer.
func (r *report) unanswered(file, name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
	r.retriable = r.retriable || isRetriable(status.Code(err))
	r.line("failed     %s (%s): %s", name, file, message(err))
}

// notRead reports files that the import did not reach.
func (r *report) notRead(inputs []corpus.Input) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed += len(inputs)
	const shown = 10
	for _, input := range inputs[:min(shown, len(inputs))] {
		r.line("failed     %s: not read, because the import ended early", input.Name)
	}
	if more := len(inputs) - shown; more > 0 {
		r.line("failed     %d more files: not read either", more)
	}
}

// deleted reports a document that was deleted because its file no longer has it.
func (r *report) deleted(file, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed++
	r.line("removed    %s: no longer in %s", name, file)
}

// foreign reports a document that was not sent, because the stored one came from another
// folder.
func (r *report) foreign(file, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
	r.foreignDocuments++
	r.line("failed     %s (%s): is stored from another folder, which stays", name, file)
}

// notDeleted reports documents that their file no longer has, but that could not be
// deleted.
func (r *report) notDeleted(file string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
	r.retriable = r.retriable || isRetriable(status.Code(err))
	r.line("failed     %s: documents that it no longer has may remain: %s", file, message(err))
}

// dryRun prints a document that was read.
func (r *report) dryRun(file string, d document.Document, passages []document.Passage) error {
	if r.json {
		return printJSON(r.io.out, newDryDocument(file, d, passages))
	}
	out := newDryDocument(file, d, passages)
	fmt.Fprintf(r.io.out, "%s (%s)\n  title     %s\n  published %s\n  language  %s\n  source    %s\n  passages  %d\n",
		d.ID, oneLine(file), oneLine(d.Title), out.PublishTime, oneLine(d.LanguageCode), oneLine(d.Source), len(passages))
	for _, p := range out.Passages {
		fmt.Fprintf(r.io.out, "    %3d %-9s %s %s\n", p.Ordinal, p.Kind, oneLine(p.Label), firstCells(p.Text, 80))
	}
	return nil
}

// end ends the report. It prints the summary, unless err stopped the command before the
// first document.
func (r *report) end(dryRun bool, err error) {
	if r.bar != nil {
		_ = r.bar.Finish()
		fmt.Fprint(r.io.err, r.later.String())
		r.bar = nil
	}
	if err == nil || len(r.outcomes) > 0 || r.failed > 0 || r.removed > 0 {
		r.summary(dryRun)
	}
}

// summary prints how many documents were written. An unreadable file counts as a failed
// document.
func (r *report) summary(dryRun bool) {
	if dryRun {
		r.line("documents: %d read, %d failed; %d lines of page furniture dropped", len(r.ids), r.failed, r.furniture)
		return
	}
	count := func(o accordv1.WriteOutcome) int { return r.outcomes[o] }
	r.line("documents: %d new, %d changed, %d unchanged, %d failed, %d removed; %d passages; %d lines of page furniture dropped",
		count(accordv1.WriteOutcome_WRITE_OUTCOME_CREATED), count(accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED),
		count(accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED), r.failed, r.removed, r.passages, r.furniture)
	if r.pending > 0 {
		r.line("documents found only by words until they have vectors: %d; see accord ingest status", r.pending)
	}
	if r.foreignDocuments > 0 {
		r.line("documents stored from another folder: %d; use --prefix NAME or another --collection to keep both, or --replace-root if the folder moved", r.foreignDocuments)
	}
	if r.partial > 0 {
		r.line("documents partly indexed: %d; the windows without a vector are found only by words", r.partial)
	}
}
