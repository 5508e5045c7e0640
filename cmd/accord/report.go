package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/schollz/progressbar/v3"
	"google.golang.org/grpc/codes"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// report prints what an ingest does while it runs, and counts it for the summary. On a
// terminal it also shows how many files are done. It is safe for concurrent use.
type report struct {
	io      streams
	json    bool
	explain bool
	dry     bool // nothing is sent, and each line of JSON is a document

	mu  sync.Mutex
	bar *progressbar.ProgressBar
	ids map[[16]byte]int // digest of the id of a document → number of its file
	counts
}

func newReport(io streams, json, explain bool) *report {
	return &report{io: io, json: json, explain: explain, ids: map[[16]byte]int{}, counts: newCounts()}
}

// start shows the number of files, on a terminal only.
func (r *report) start() {
	if isTerminal(r.io.err) {
		r.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(raw(r.io.err)), progressbar.OptionSetDescription("ingesting"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
}

// begin counts a file, or reports the error of the walk in place of one. It returns nil.
func (r *report) begin(next *fileToRead) error {
	if next.walked != nil {
		r.walked(next.walked)
	} else {
		r.nextFile()
	}
	return nil
}

// nextFile counts a file. The calls that follow are about this file.
func (r *report) nextFile() {
	r.files++
	if r.bar != nil {
		_ = r.bar.Add(1) // failing to draw the bar is not an error
	}
}

// line prints a line of the report, above the bar if there is one.
func (r *report) line(format string, args ...any) {
	if r.bar != nil {
		_ = r.bar.Clear()
	}
	fmt.Fprintln(r.io.err, oneLine(fmt.Sprintf(format, args...)))
}

// note prints a line that is about no document.
func (r *report) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.line(format, args...)
}

// claim records that a document of the file has an id. If a document of another file has it
// already, it returns the number of that file, from 1.
func (r *report) claim(id string) (first int, taken bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := sha256.Sum256([]byte(id))
	key := [16]byte(sum[:16])
	if first, taken = r.ids[key]; !taken {
		r.ids[key] = r.files
	}
	return first, taken
}

// holder returns the number of the file that has claimed an id, or 0.
func (r *report) holder(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := sha256.Sum256([]byte(id))
	return r.ids[[16]byte(sum[:16])]
}

// walked reports an error of the walk, which takes the place of a file.
func (r *report) walked(err error) {
	var skipped *corpus.FileError
	if tree.Skips(err) && errors.As(err, &skipped) {
		r.skipped(skipped)
		return
	}
	r.failedFiles(err)
}

// countFormat counts a file that was read.
func (r *report) countFormat(format string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.formats[format]++
}

// unchanged reports a file that is not read, since it has not changed.
func (r *report) unchanged(file string, compared tree.Comparison) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unread++
	r.outcomes[accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED] += compared.Documents
	r.passages += compared.Passages
	if r.json {
		_ = printJSON(r.io.out, map[string]any{ // main reports a closed standard output
			"file": file, "outcome": "UNCHANGED", "documents": compared.Documents, "passages": compared.Passages,
		})
	}
}

// fail counts a failure by its kind.
func (r *report) fail(kind string) {
	r.failed++
	r.kinds[kind]++
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
	kind := corpus.KindOfFault(err)
	if errors.Is(err, errSameID) {
		kind = "the same id as another document"
	}
	r.fail(kind)
	r.line("failed     %v", err)
	r.failure(err)
}

// failure prints a failed file as JSON.
func (r *report) failure(err error) {
	var file *corpus.FileError
	if !r.json || r.dry || !errors.As(err, &file) {
		return
	}
	out := map[string]any{"file": file.File, "outcome": "FAILED", "error": file.Err.Error()}
	if file.Line > 0 {
		out["line"] = file.Line
	}
	_ = printJSON(r.io.out, out) // main reports a closed standard output
}

// failedDocument prints a document that was not stored.
func (r *report) failedDocument(file, name, why string) {
	r.line("failed     %s (%s): %s", name, file, why)
	if r.json {
		_ = printJSON(r.io.out, map[string]any{"file": file, "name": name, "outcome": "FAILED", "error": why}) // main reports a closed standard output
	}
}

// skipped reports a file, or a part of one, that is not read, and why.
func (r *report) skipped(file *corpus.FileError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unfit++
	r.line("skipped    %v", file)
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
		r.fail(refusedBy(codes.Code(ack.GetStatus().GetCode())))
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
	r.fail(refusedBy(codeOf(err)))
	r.retriable = r.retriable || isRetriable(codeOf(err))
	r.failedDocument(file, name, message(err))
}

// notRead reports a file that the import did not reach. As text it names only the first
// ten.
func (r *report) notRead(file string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail("not reached")
	const shown = 10
	if r.unreached++; r.unreached <= shown {
		r.line("failed     %s: not read, because the import ended early", file)
	}
	if r.json {
		_ = printJSON(r.io.out, map[string]any{"file": file, "outcome": "FAILED", "error": "not read, because the import ended early"}) // main reports a closed standard output
	}
}

// deleted reports a document that was deleted because its file no longer has it.
func (r *report) deleted(file, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed++
	r.line("removed    %s: no longer in %s", name, file)
}

// refused reports a document that was not sent.
func (r *report) refused(file, name string, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kind := "too large for the server"
	switch {
	case errors.Is(why, errForeign):
		kind = "stored from another folder"
		r.foreignDocuments++
	case errors.Is(why, errSameID):
		kind = "the same id as another document"
	}
	r.fail(kind)
	r.failedDocument(file, name, why.Error())
}

// notDeleted reports documents that their file no longer has, but that could not be
// deleted.
func (r *report) notDeleted(file string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail(refusedBy(codeOf(err)))
	r.retriable = r.retriable || isRetriable(codeOf(err))
	r.line("failed     %s: documents that it no longer has may remain: %s", file, message(err))
}

// did reports whether there is anything to summarise.
func (r *report) did() bool { return r.files > 0 || r.failed > 0 || r.removed > 0 }
