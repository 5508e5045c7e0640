package v1_test

import (
	"fmt"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

var (
	mustNotExist = &accordv1.Precondition{Condition: &accordv1.Precondition_MustNotExist{MustNotExist: true}}
	unmet        = failure{Code: codes.Aborted, Reason: "PRECONDITION_FAILED"}
)

func withETag(etag string) *accordv1.Precondition {
	return &accordv1.Precondition{Condition: &accordv1.Precondition_Etag{Etag: etag}}
}

func english(id, text string) *accordv1.Document {
	return &accordv1.Document{Name: name(id), LanguageCode: "en", Text: text}
}

// TestCreateAtOnce: of several callers that create a document, one succeeds, whether it
// waits for the vectors or not. Of several that replace the same version, one succeeds.
func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	const callers = 8
	for _, waits := range []bool{true, false} {
		t.Run(fmt.Sprint("waits ", waits), func(t *testing.T) {
			t.Parallel()
			s, _ := start(t)
			s.upsert(t, english("other", "The collection exists."))
			winner := func(p *accordv1.Precondition, text string) *accordv1.Document {
				t.Helper()
				var (
					wait sync.WaitGroup
					errs [callers]error
				)
				for i := range callers {
					wait.Go(func() {
						_, errs[i] = s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{
							Document: english("a", fmt.Sprint(text, i)), Precondition: p, WaitForIndex: proto.Bool(waits),
						})
					})
				}
				wait.Wait()
				stored, won := s.get(t, name("a")), 0
				for i, err := range errs {
					if err != nil {
						checkFailure(t, err, unmet)
						continue
					}
					won++
					if want := fmt.Sprint(text, i); stored.GetText() != want {
						t.Errorf("stored %q, want the text of the caller who succeeded, %q", stored.GetText(), want)
					}
				}
				if won != 1 {
					t.Errorf("%d callers succeeded: %v", won, errs)
				}
				return stored
			}
			created := winner(mustNotExist, "Created by ")
			winner(withETag(created.GetEtag()), "Replaced by ")
		})
	}
}

// TestPreconditions makes one call after the other and checks the effect of each
// precondition. Repeating a call, as after a lost answer, succeeds and changes nothing.
func TestPreconditions(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	upsert := func(text string, p *accordv1.Precondition, options ...grpc.CallOption) (*accordv1.UpsertDocumentResponse, error) {
		return s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{Document: english("a", text), Precondition: p}, options...)
	}
	outcome := func(text string, p *accordv1.Precondition, want accordv1.WriteOutcome) string {
		t.Helper()
		resp, err := upsert(text, p)
		if err != nil || resp.GetOutcome() != want {
			t.Fatalf("%q: %v, error %v, want %v", text, resp.GetOutcome(), err, want)
		}
		return resp.GetDocument().GetEtag()
	}
	refused := func(text string, p *accordv1.Precondition) {
		t.Helper()
		_, err := upsert(text, p)
		checkFailure(t, err, unmet)
	}
	refused("First.", withETag("absent"))
	first := outcome("First.", mustNotExist, accordv1.WriteOutcome_WRITE_OUTCOME_CREATED)
	outcome("First.", mustNotExist, accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED)
	refused("Second.", mustNotExist)
	second := outcome("Second.", withETag(first), accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED)
	outcome("Second.", withETag(first), accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED)
	refused("Third.", withETag(first))

	var header metadata.MD
	if _, err := upsert("Third.", withETag(first), grpc.Header(&header)); len(header.Get(v1.PositionKey)) != 1 {
		t.Errorf("a failed precondition has the metadata %v, want the position of what it found; error %v", header, err)
	}
	remove := func(etag string) error {
		_, err := s.ingest.DeleteDocument(callContext(t), &accordv1.DeleteDocumentRequest{Name: name("a"), Etag: etag})
		return err
	}
	checkFailure(t, remove(first), unmet)
	if err := remove(second); err != nil {
		t.Errorf("delete with the current etag: %v", err)
	}
	checkFailure(t, remove(second), failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
	refused("Third.", withETag(second))

	for field, p := range map[string]*accordv1.Precondition{
		"precondition.condition":      {},
		"precondition.must_not_exist": {Condition: &accordv1.Precondition_MustNotExist{}},
		"precondition.etag":           withETag(""),
	} {
		_, err := upsert("Third.", p)
		checkFailure(t, err, invalid(field))
	}
}

// TestImportPreconditions: if a precondition does not hold, only its document fails.
func TestImportPreconditions(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	stored := s.upsert(t, english("a", "Stored.")).GetDocument()
	with := func(d *accordv1.Document, p *accordv1.Precondition) *accordv1.ImportDocumentsRequest {
		req := importOf(d)
		req.Precondition = p
		return req
	}
	answers, err := s.importAll(t, settings(""),
		with(english("b", "New."), mustNotExist),
		with(english("a", "Replaced."), mustNotExist),
		with(english("c", "New."), withETag(stored.GetEtag())),
		with(english("a", "Replaced."), withETag(stored.GetEtag())),
		with(english("a", "Again."), withETag(stored.GetEtag())),
		with(english("d", "New."), &accordv1.Precondition{}),
		with(english("b", "Replaced."), nil),
	)
	if err != nil || len(answers) != 7 {
		t.Fatalf("%d answers, error %v", len(answers), err)
	}
	for i, answer := range answers {
		switch i {
		case 1, 2, 4:
			checkStatus(t, status.FromProto(answer.GetStatus()), unmet)
		case 5:
			checkStatus(t, status.FromProto(answer.GetStatus()), invalid("precondition.condition"))
		default:
			if answer.GetStatus() != nil || answer.GetEtag() == "" {
				t.Errorf("document %d: %v", i, answer)
			}
		}
	}
	if a, b := s.get(t, name("a")).GetText(), s.get(t, name("b")).GetText(); a != "Replaced." || b != "Replaced." {
		t.Errorf("stored %q and %q", a, b)
	}
	first := settings("")
	first.Precondition = mustNotExist
	_, err = s.importAll(t, first)
	checkFailure(t, err, invalid("precondition"))
}
