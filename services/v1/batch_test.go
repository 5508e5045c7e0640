package v1_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func (s *service) askAll(t *testing.T, requests ...*accordv1.SearchRequest) []*accordv1.BatchSearchAnswer {
	t.Helper()
	resp, err := s.search.BatchSearch(callContext(t), &accordv1.BatchSearchRequest{Requests: requests})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.GetAnswers()) != len(requests) {
		t.Fatalf("%d answers to %d questions", len(resp.GetAnswers()), len(requests))
	}
	return resp.GetAnswers()
}

// fifty returns questions of several kinds over the documents of writePages.
func fifty(req *accordv1.SearchRequest) (list []*accordv1.SearchRequest) {
	words := strings.Fields("trade digital economy customs railway port energy health water school")
	for i := range 50 {
		q := proto.CloneOf(req)
		q.Query = fmt.Sprintf("What is said about %s and %s?", words[i%10], words[i/10])
		q.PageSize, q.Mode, q.ContextPassages = int32(i%7), accordv1.SearchMode(i%4), int32(i%3)
		list = append(list, q)
	}
	return list
}

// TestBatchSearch: a batch answers as single calls do, with three requests to the model
// server, since a quarter of the questions needs no vector.
func TestBatchSearch(t *testing.T) {
	t.Parallel()
	model := newModel("test-model")
	db := storetest.Open(t, store.Config{})
	writer := startOn(t, db, model)
	questions := fifty(writePages(t, writer))
	writer.ask(t, questions[0]) // so that the reference texts of the queries' language are embedded
	s := startOn(t, db, model)
	s.ask(t, &accordv1.SearchRequest{Query: "anything"}) // the server checks the model
	before := len(model.Requests())
	answers := s.askAll(t, questions...)
	if requests := model.Requests()[before:]; len(requests) != 3 {
		t.Errorf("%d requests to the model server, want 3", len(requests))
	}
	for i, q := range questions {
		want := writer.ask(t, q)
		if got := answers[i].GetResponse(); len(want.GetResults()) == 0 || gocmp.Diff(want, got, protocmp.Transform(), sameAnswer) != "" {
			t.Errorf("%v: %d results (-single +batch):\n%s", q, len(want.GetResults()), gocmp.Diff(want, got, protocmp.Transform(), sameAnswer))
		}
	}
}

// sameAnswer ignores what differs between two answers to the same question: durations.
var sameAnswer = protocmp.IgnoreFields(&accordv1.SearchInfo{},
	"embed_duration", "retrieve_duration", "rank_duration", "fetch_duration", "lexical_duration", "rerank_duration")

// TestBatchSearchFailures: a question that fails has the status of a single call, and the
// others are answered.
func TestBatchSearchFailures(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	good := writeModes(t, s)
	other := proto.CloneOf(good)
	other.Parent = "collections/other"
	same := proto.CloneOf(good)
	same.Parent = "collections/default"
	bad := &accordv1.SearchRequest{Query: " ", PageSize: -1}
	answers := s.askAll(t, good, bad, other, &accordv1.SearchRequest{Query: "x", PageToken: "!"}, same)
	for i, want := range map[int]failure{1: invalid("query", "page_size"), 2: invalid("parent"), 3: invalid("page_token")} {
		checkStatus(t, status.FromProto(answers[i].GetStatus()), want)
	}
	for _, i := range []int{0, 4} {
		if len(answers[i].GetResponse().GetResults()) != 2 {
			t.Errorf("question %d: %v", i, answers[i])
		}
	}
	for _, n := range []int{0, 51} {
		requests := make([]*accordv1.SearchRequest, n)
		for i := range requests {
			requests[i] = good
		}
		_, err := s.search.BatchSearch(callContext(t), &accordv1.BatchSearchRequest{Requests: requests})
		checkFailure(t, err, invalid("requests"))
	}
	resp, err := s.search.BatchSearch(callContext(t), &accordv1.BatchSearchRequest{Parent: "collections/none", Requests: []*accordv1.SearchRequest{{Query: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	checkStatus(t, status.FromProto(resp.GetAnswers()[0].GetStatus()), failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
}

// TestBatchWithoutModelServer: without a model server, each question is answered by words or
// fails, as its on_embedder_failure says.
func TestBatchWithoutModelServer(t *testing.T) {
	t.Parallel()
	model := newMoody("railways", nil)
	s := startOn(t, storetest.Open(t, store.Config{}), model)
	req := writeModes(t, s)
	model.set(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "gone", http.StatusServiceUnavailable) }))
	failing := proto.CloneOf(req)
	failing.OnEmbedderFailure = accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL
	answers := s.askAll(t, req, failing)
	if info := answers[0].GetResponse().GetSearchInfo(); len(info.GetDegraded()) != 1 || len(answers[0].GetResponse().GetResults()) != 1 {
		t.Errorf("answer by words alone: %v", answers[0])
	}
	checkStatus(t, status.FromProto(answers[1].GetStatus()), failure{Code: codes.Unavailable, Reason: "EMBEDDER_UNAVAILABLE"})
}

// TestLargeBatch: the answers of a batch together stay below the bound, and their pages can be
// continued to the whole lists.
func TestLargeBatch(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	messages := []*accordv1.ImportDocumentsRequest{settings(""), importOf(&accordv1.Document{Name: name("short"), Text: "Fish.", Source: "short"})}
	for i := range 20 {
		text := fmt.Sprintf("Trade %d. %s", i, strings.Repeat("-", 1000*(i+10)))
		messages = append(messages, importOf(&accordv1.Document{Name: name(fmt.Sprint("d", i)), Text: text}))
	}
	if _, err := s.importAll(t, messages...); err != nil {
		t.Fatal(err)
	}
	var questions []*accordv1.SearchRequest
	for i := range 11 {
		questions = append(questions, &accordv1.SearchRequest{Query: fmt.Sprint("trade ", i), PageSize: 20})
	}
	questions = append(questions, &accordv1.SearchRequest{Query: "fish", PageSize: 20, Filter: &accordv1.Filter{Sources: []string{"short"}}})
	resp, err := s.search.BatchSearch(callContext(t), &accordv1.BatchSearchRequest{Requests: questions})
	if err != nil {
		t.Fatal(err)
	}
	if size := proto.Size(resp); size > 3<<20 || size < 2<<20 {
		t.Errorf("the answers have %d bytes together", size)
	}
	if small := resp.GetAnswers()[11].GetResponse(); len(small.GetResults()) != 1 || small.GetNextPageToken() != "" {
		t.Errorf("the small answer: %v", small)
	}
	cut := resp.GetAnswers()[3].GetResponse()
	if len(cut.GetResults()) == 20 || cut.GetNextPageToken() == "" {
		t.Fatalf("%d results, token %q", len(cut.GetResults()), cut.GetNextPageToken())
	}
	rest := proto.CloneOf(questions[3])
	rest.PageToken = cut.GetNextPageToken()
	whole := s.walk(t, questions[3], 20)
	checkResults(t, "the page of a batch and those after it", whole, append(cut.GetResults(), s.walk(t, rest, 20)...))
}
