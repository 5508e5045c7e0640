package v1_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	complete = accordv1.IndexState_INDEX_STATE_COMPLETE
	partial  = accordv1.IndexState_INDEX_STATE_PARTIAL
	waiting  = accordv1.IndexState_INDEX_STATE_PENDING
	failed   = accordv1.IndexState_INDEX_STATE_FAILED
)

// moody is an instant model server. While answer is not nil, it answers the requests that
// have a text with the marked words.
type moody struct {
	*embedtest.Server
	marked string
	answer atomic.Pointer[http.Handler]
}

func newMoody(marked string, answer http.Handler) *moody {
	m := &moody{Server: newModel("test-model"), marked: marked}
	m.set(answer)
	return m
}

func (m *moody) set(answer http.Handler) { m.answer.Store(&answer) }

// ServeHTTP implements http.Handler.
func (m *moody) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var req embedtest.Request
	answer := *m.answer.Load()
	if json.Unmarshal(body, &req) == nil && answer != nil && slices.ContainsFunc(req.Input, func(s string) bool { return strings.Contains(s, m.marked) }) {
		answer.ServeHTTP(w, r)
		return
	}
	m.Server.ServeHTTP(w, r)
}

// withoutWaiting returns settings of an import that does not wait for the index.
func withoutWaiting(collection string) *accordv1.ImportDocumentsRequest {
	return &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{
		Settings: &accordv1.ImportSettings{Parent: collection, WaitForIndex: proto.Bool(false)},
	}}
}

// enqueue imports the texts as documents d0, d1 and so on, without waiting for the index.
func (s *service) enqueue(t *testing.T, texts ...string) {
	t.Helper()
	messages := []*accordv1.ImportDocumentsRequest{withoutWaiting("")}
	for i, text := range texts {
		messages = append(messages, importOf(&accordv1.Document{Name: name(fmt.Sprintf("d%d", i)), LanguageCode: "en", Text: text}))
	}
	answers, err := s.importAll(t, messages...)
	if err != nil || len(answers) != len(texts) {
		t.Fatalf("%d answers to %d documents, error %v", len(answers), len(texts), err)
	}
	for _, a := range answers {
		if a.GetIndexState() != waiting || a.GetTextDigest() == "" || a.GetPassageCount() == 0 {
			t.Errorf("answer %v", a)
		}
	}
}

// becomes waits until a document has an index state, and returns it.
func (s *service) becomes(t *testing.T, id string, want accordv1.IndexState) *accordv1.Document {
	t.Helper()
	for deadline := time.Now().Add(callTimeout); ; time.Sleep(20 * time.Millisecond) {
		d := s.get(t, name(id))
		if d.GetIndexState() == want {
			return d
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still %v", id, d.GetIndexState())
		}
	}
}

// checkIngestStatus checks the status of the default collection.
func (s *service) checkIngestStatus(t *testing.T, want *accordv1.GetIngestStatusResponse) {
	t.Helper()
	got, err := s.ingest.GetIngestStatus(callContext(t), &accordv1.GetIngestStatusRequest{})
	if err == nil && (got.GetPendingDocumentCount() > 0) != (got.GetOldestPendingTime() != nil) {
		t.Errorf("oldest pending document since %v", got.GetOldestPendingTime())
	}
	if diff := gocmp.Diff(want, got, protocmp.Transform(), protocmp.IgnoreFields(&accordv1.GetIngestStatusResponse{}, "oldest_pending_time")); diff != "" || err != nil {
		t.Errorf("status, error %v (-want +got):\n%s", err, diff)
	}
}

// TestPending: a document that was written without waiting is found by its words before it
// has vectors, whether or not the collection has other documents, and by vectors
// afterwards.
func TestPending(t *testing.T) {
	t.Parallel()
	for _, beside := range []int{0, 20} {
		t.Run(fmt.Sprint(beside), func(t *testing.T) {
			t.Parallel()
			model := newMoody("heron", embedtest.Hang())
			s := startOn(t, storetest.Open(t, store.Config{}), model)
			for i := range beside {
				s.upsert(t, &accordv1.Document{Name: name(fmt.Sprintf("beside-%d", i)), LanguageCode: "en", Text: fmt.Sprintf("The council met %d times.", i)})
			}
			s.enqueue(t, "A grey heron stood in the shallow water.")
			if d := s.get(t, name("d0")); d.GetIndexState() != waiting || d.GetText() == "" {
				t.Errorf("document %v", d)
			}
			list, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{Filter: &accordv1.Filter{Documents: []string{name("d0")}}})
			if err != nil || len(list.GetDocuments()) != 1 || list.GetDocuments()[0].GetIndexState() != waiting {
				t.Errorf("listed %v, error %v", list, err)
			}
			s.checkIngestStatus(t, &accordv1.GetIngestStatusResponse{PendingDocumentCount: 1, IndexedDocumentCount: int64(beside)})
			for _, mode := range []accordv1.SearchMode{hybridMode, lexicalMode} {
				found := s.ask(t, &accordv1.SearchRequest{Query: "grey water", Mode: mode})
				if len(found.GetResults()) == 0 || found.GetResults()[0].GetDocument().GetName() != name("d0") || len(found.GetSearchInfo().GetDegraded()) > 0 {
					t.Errorf("%v: found %v", mode, found)
				}
			}
			semantic := &accordv1.SearchRequest{Query: "grey water", Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC}
			if found := s.ask(t, semantic).GetResults(); len(found) != min(beside, 10) {
				t.Errorf("%d passages found by vectors, want those of other documents", len(found))
			}
			// The model server answers again. The request that hangs ends only with the
			// server.
			model.set(nil)
			s.upsert(t, &accordv1.Document{Name: name("d0"), LanguageCode: "en", Text: "A grey heron stood in the shallow water.", Source: "Wire"})
			s.becomes(t, "d0", complete)
			if found := s.ask(t, semantic).GetResults(); found[0].GetDocument().GetName() != name("d0") {
				t.Errorf("found by vectors: %v", found[0])
			}
			s.checkIngestStatus(t, &accordv1.GetIngestStatusResponse{IndexedDocumentCount: int64(beside) + 1})
		})
	}
}

// TestPendingIsIndexed: queued documents share requests to the model server, and a write
// without changes leaves a queued document in the queue.
func TestPendingIsIndexed(t *testing.T) {
	t.Parallel()
	s, model := start(t)
	s.createCollection(t, "default")
	texts := make([]string, 64)
	for i := range texts {
		texts[i] = fmt.Sprintf("Text number %d.", i)
	}
	before := len(model.Requests())
	s.enqueue(t, texts...)
	for i := range texts {
		s.becomes(t, fmt.Sprintf("d%d", i), complete)
	}
	own := 0
	for _, r := range model.Requests()[before:] {
		if strings.HasPrefix(r.Input[0], "Text number") {
			own++
		}
	}
	if own > len(texts)/4 {
		t.Errorf("%d requests for %d texts", own, len(texts))
	}
	answers, err := s.importAll(t, withoutWaiting(""), importOf(&accordv1.Document{Name: name("d0"), LanguageCode: "en", Text: texts[0]}))
	if err != nil || len(answers) != 1 || answers[0].GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED || answers[0].GetIndexState() != complete {
		t.Errorf("second write: %v, error %v", answers, err)
	}
	alone, err := s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{
		Document: &accordv1.Document{Name: name("alone"), Text: "One call."}, WaitForIndex: proto.Bool(false),
	})
	if err != nil || alone.GetDocument().GetIndexState() != waiting {
		t.Errorf("upserted %v, error %v", alone, err)
	}
	s.becomes(t, "alone", complete)
}

// TestFailedIsRetried: a text that the model server refuses fails alone, with the
// reason, and is retried on request.
func TestFailedIsRetried(t *testing.T) {
	t.Parallel()
	model := newMoody("poison", embedtest.Answer(http.StatusBadRequest, embedtest.Refusal(http.StatusBadRequest, "no such text, please")))
	s := startOn(t, storetest.Open(t, store.Config{}), model)
	s.enqueue(t, "Some poison.", "Good text.", "More poison.\n\nThe rest is good.")
	d := s.becomes(t, "d0", failed)
	if !strings.Contains(d.GetIndexError(), "no such text") || len(d.GetIndexFailures()) != 1 {
		t.Errorf("failed with %q, %v", d.GetIndexError(), d.GetIndexFailures())
	}
	s.becomes(t, "d1", complete)
	s.becomes(t, "d2", partial)
	s.checkIngestStatus(t, &accordv1.GetIngestStatusResponse{
		IndexedDocumentCount: 2, PartialDocumentCount: 1, FailedDocumentCount: 1,
		FailedDocuments: []*accordv1.FailedDocument{{Name: name("d0"), Error: d.GetIndexError()}},
	})
	if found := s.ask(t, &accordv1.SearchRequest{Query: "some poison", Mode: lexicalMode}).GetResults(); len(found) == 0 || found[0].GetDocument().GetName() != name("d0") {
		t.Errorf("found by words: %v", found)
	}
	model.set(nil)
	for _, want := range []int64{2, 0} {
		retried, err := s.ingest.RetryFailedDocuments(callContext(t), &accordv1.RetryFailedDocumentsRequest{})
		if err != nil || retried.GetDocumentCount() != want {
			t.Errorf("retried: %v, error %v, want %d", retried, err, want)
		}
	}
	s.becomes(t, "d0", complete)
	s.becomes(t, "d2", complete)
}

// TestModelServerAway: queued documents wait while the model server fails, and are
// embedded when it is back.
func TestModelServerAway(t *testing.T) {
	t.Parallel()
	model := newMoody("", nil)
	s := startOn(t, storetest.Open(t, store.Config{}), model)
	s.createCollection(t, "default")
	model.set(embedtest.Answer(http.StatusServiceUnavailable, "{}"))
	s.enqueue(t, "One.", "Two.")
	time.Sleep(time.Second)
	s.checkIngestStatus(t, &accordv1.GetIngestStatusResponse{PendingDocumentCount: 2})
	model.set(nil)
	s.becomes(t, "d0", complete)
	s.becomes(t, "d1", complete)
}

func TestIngestStatusOfNothing(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.checkIngestStatus(t, &accordv1.GetIngestStatusResponse{})
	_, err := s.ingest.GetIngestStatus(callContext(t), &accordv1.GetIngestStatusRequest{Parent: "collections/absent"})
	checkFailure(t, err, failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
	_, err = s.ingest.RetryFailedDocuments(callContext(t), &accordv1.RetryFailedDocumentsRequest{Parent: "absent"})
	checkFailure(t, err, invalid("parent"))
}
