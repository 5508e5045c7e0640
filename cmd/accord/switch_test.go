package main

import (
	"context"
	"fmt"
	"math"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// twoModels are two instant model servers that serve different models.
type twoModels struct{ old, next *httptest.Server }

// dimensions distinguish the models.
var dimensions = map[string]int{"old-model": 32, "next-model": 48}

func newTwoModels(t *testing.T) twoModels {
	t.Helper()
	start := func(model string) *httptest.Server {
		return embedtest.Serve(t, &embedtest.Server{Model: model, Dimensions: dimensions[model]})
	}
	return twoModels{start("old-model"), start("next-model")}
}

// flags configures both servers, the old one as the default.
func (m twoModels) flags(t *testing.T, database string) []string {
	t.Helper()
	file := writeFile(t, t.TempDir(), "servers.yaml", "servers:\n  next: {url: "+m.next.URL+"}\n")
	return []string{"--database-url", database, "--embedding-url", m.old.URL, "--embedding-servers", file}
}

// becomesReady creates a space with the next model, waits until it is READY, and returns
// its name.
func becomesReady(t *testing.T, spaces accordv1.SpaceServiceClient) (name string) {
	t.Helper()
	created, err := spaces.CreateSpace(t.Context(), &accordv1.CreateSpaceRequest{ModelServer: "next"})
	if err != nil {
		t.Fatal(err)
	}
	name = created.GetSpace().GetName()
	waitReady(t, spaces, name)
	return name
}

func waitReady(t *testing.T, spaces accordv1.SpaceServiceClient, name string) {
	t.Helper()
	eventually(t, func() bool {
		got, err := spaces.GetSpace(t.Context(), &accordv1.GetSpaceRequest{Name: name})
		return err == nil && got.GetSpace().GetState() == accordv1.SpaceState_SPACE_STATE_READY
	})
}

// reportText returns the text of document i in version n.
func reportText(i, n int) string {
	cities := []string{"Lima", "Beijing", "Quito", "Callao", "Arequipa", "Shanghai"}
	goods := []string{"copper", "grapes", "trains", "textiles", "medicine", "fishmeal", "paper"}
	return fmt.Sprintf("The envoy number %d spoke in %s about %s.\n\nVersion %d of the paper on %s names %d ports.",
		i, cities[i%len(cities)], goods[i%len(goods)], n, goods[(i+n)%len(goods)], 100*i+n)
}

func (a api) writeReport(ctx context.Context, i, n int) error {
	_, err := a.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{
		Name: fmt.Sprintf("collections/default/documents/report-%d", i), LanguageCode: "en", Text: reportText(i, n),
	}})
	return err
}

const reports = 40

// load searches and writes continuously. All calls must succeed, and the similarities of
// one search must all be of one model.
type load struct {
	stop     context.CancelFunc
	done     sync.WaitGroup
	searches sync.Map // name of a space → *atomic.Int64
	writes   atomic.Int64
}

func startLoad(t *testing.T, a api) *load {
	ctx, stop := context.WithCancel(t.Context())
	l := &load{stop: stop}
	for worker := range 2 {
		l.done.Go(func() {
			for n := 1; ctx.Err() == nil; n++ {
				if err := a.writeReport(ctx, (n*7+worker*20)%reports, n); err != nil && ctx.Err() == nil {
					t.Errorf("write %d: %v", n, err)
					return
				}
				l.writes.Add(1)
			}
		})
		l.done.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				query := fmt.Sprintf("which paper %d names ports %d", n, worker)
				answer, err := a.search.Search(ctx, &accordv1.SearchRequest{Query: query})
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					t.Errorf("search %d: %v", n, err)
					return
				}
				counter, _ := l.searches.LoadOrStore(answer.GetSearchInfo().GetSpace(), new(atomic.Int64))
				counter.(*atomic.Int64).Add(1)
				checkOneModel(t, query, answer)
			}
		})
	}
	return l
}

// in returns the number of searches that a space has answered.
func (l *load) in(space string) int64 {
	counter, ok := l.searches.Load(space)
	if !ok {
		return 0
	}
	return counter.(*atomic.Int64).Load()
}

// checkOneModel checks that every similarity is one that the model of the searched space
// gives.
func checkOneModel(t *testing.T, query string, answer *accordv1.SearchResponse) {
	info := answer.GetSearchInfo()
	d := dimensions[info.GetModel()]
	if len(answer.GetResults()) == 0 || len(info.GetDegraded()) > 0 || d == 0 {
		t.Errorf("%d results of model %q, degraded %v", len(answer.GetResults()), info.GetModel(), info.GetDegraded())
		return
	}
	asked := embedtest.Vector(query, d)
	for _, r := range answer.GetResults() {
		var want float64
		for i, x := range embedtest.Vector(r.GetPassage().GetText(), d) {
			want += float64(x) * float64(asked[i])
		}
		// The score is 0 if the passage was replaced between the search and the reading.
		if got := float64(r.GetScores().GetDenseSimilarity()); math.Abs(got-want) > 1e-3 && got != 0 {
			t.Errorf("%s in %s: similarity %v, want %v by its model", r.GetPassage().GetName(), info.GetSpace(), got, want)
		}
	}
}

// TestSwitchUnderLoad: a collection changes to another model, back and forth, during
// searches and writes. No request fails or mixes spaces, and in the end the new space gives
// the same answers as a space that was made from the same documents in one go.
func TestSwitchUnderLoad(t *testing.T) {
	t.Parallel()
	models := newTwoModels(t)
	a := newAPI(t, serve(t, models.flags(t, storetest.URL(t))...))
	for i := range reports {
		if err := a.writeReport(t.Context(), i, 0); err != nil {
			t.Fatal(err)
		}
	}
	first, err := a.search.Search(t.Context(), &accordv1.SearchRequest{Query: "the paper on trains", PageSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	old := first.GetSearchInfo().GetSpace()
	l := startLoad(t, a)
	next := becomesReady(t, a.spaces)
	for _, name := range []string{next, old, next} {
		if _, err := a.spaces.ActivateSpace(t.Context(), &accordv1.ActivateSpaceRequest{Name: name}); err != nil {
			t.Fatalf("activate %s: %v", name, err)
		}
		searches, writes := l.in(name), l.writes.Load()
		eventually(t, func() bool { return t.Failed() || l.in(name) > searches+10 && l.writes.Load() > writes+10 })
	}
	l.stop()
	l.done.Wait()

	_, err = a.search.Search(t.Context(), &accordv1.SearchRequest{Query: "the paper on trains", PageSize: 3, PageToken: first.GetNextPageToken()})
	if status.Code(err) != codes.InvalidArgument || reason(err) != "PAGE_TOKEN_EXPIRED" {
		t.Errorf("a page of the previous space: %v with reason %q", err, reason(err))
	}
	// This adds a document, since a calibration is rebuilt when passages are added, but
	// not when they change.
	if err := a.writeReport(t.Context(), reports, 0); err != nil {
		t.Fatal(err)
	}
	checkAsFresh(t, a, models)
}

// checkAsFresh checks that a new server with only the next model gives the same answers for
// the same documents.
func checkAsFresh(t *testing.T, a api, models twoModels) {
	t.Helper()
	fresh := newAPI(t, serve(t, "--database-url", storetest.URL(t), "--embedding-url", models.next.URL))
	list, err := a.search.ListDocuments(t.Context(), &accordv1.ListDocumentsRequest{})
	if err != nil || len(list.GetDocuments()) != reports+1 {
		t.Fatalf("%d documents, error %v", len(list.GetDocuments()), err)
	}
	for _, d := range list.GetDocuments() {
		got, err := a.search.GetDocument(t.Context(), &accordv1.GetDocumentRequest{Name: d.GetName()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fresh.ingest.UpsertDocument(t.Context(), &accordv1.UpsertDocumentRequest{Document: got.GetDocument()}); err != nil {
			t.Fatal(err)
		}
	}
	answers := func(a api) map[string][]string {
		out := map[string][]string{}
		for _, query := range []string{"who spoke in Lima", "a paper about grapes and trains", "how many ports", "the envoy in Beijing"} {
			answer, err := a.search.Search(t.Context(), &accordv1.SearchRequest{Query: query})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range answer.GetResults() {
				out[query] = append(out[query], fmt.Sprintf("%s %.2f", r.GetPassage().GetName(), r.GetScores().GetFused()))
			}
		}
		return out
	}
	var switched, made map[string][]string
	eventually(t, func() bool { // the calibration is rebuilt within seconds of the last write
		switched, made = answers(a), answers(fresh)
		return cmp.Equal(switched, made)
	})
	if len(switched) == 0 {
		t.Error("no results were compared")
	}
}
