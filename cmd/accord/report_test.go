package main

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestReportPartlyIndexed: a document that was written without all its vectors is
// reported, but is not a failure.
func TestReportPartlyIndexed(t *testing.T) {
	t.Parallel()
	ack := &accordv1.ImportDocumentsResponse{
		Name: "collections/default/documents/a", Outcome: accordv1.WriteOutcome_WRITE_OUTCOME_CREATED, PassageCount: 9, FailedWindowCount: 2,
		IndexState: accordv1.IndexState_INDEX_STATE_PARTIAL,
	}
	var out, errOut output
	r := newReport(streams{out: &out, err: &errOut}, false, false)
	r.written("a.txt", ack)
	r.summary(false)
	want := `created    collections/default/documents/a (a.txt): 9 passages, partly indexed (windows without a vector: 2; accord get collections/default/documents/a shows why)
documents: 1 new, 0 changed, 0 unchanged, 0 failed, 0 removed; 9 passages; 0 lines of page furniture dropped
documents partly indexed: 1; the windows without a vector are found only by words
`
	if diff := cmp.Diff(want, errOut.String()); diff != "" || r.failed != 0 {
		t.Errorf("%d failed; report (-want +got):\n%s", r.failed, diff)
	}

	newReport(streams{out: &out, err: &errOut}, true, false).written("a.txt", ack)
	if want := `{"error":"","failed_windows":2,"file":"a.txt","index_state":"PARTIAL","name":"collections/default/documents/a","outcome":"CREATED","passages":9}` + "\n"; out.String() != want {
		t.Errorf("as JSON: %s", out.String())
	}
}

// TestIngestWithoutServer: if no server answers, the command prints an error and no counts.
func TestIngestWithoutServer(t *testing.T) {
	t.Parallel()
	code, _, errOut := accord(t, "ingest", "--addr", "127.0.0.1:1", small(t))
	if code != 1 || !regexp.MustCompile(`^accord: Unavailable: no server answers at 127.0.0.1:1: start one with .*\n$`).MatchString(errOut) {
		t.Errorf("exit code %d\n%s", code, errOut)
	}
}
