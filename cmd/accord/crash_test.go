package main

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// stored is everything that a server has of a collection.
type stored struct {
	Documents []*accordv1.Document // with their texts
	Passages  []*accordv1.Passage
}

// holds returns everything in the default collection. Its documents must have at most 100
// passages.
func holds(t *testing.T, addr string) (out stored) {
	t.Helper()
	a := newAPI(t, addr)
	list, err := a.search.ListDocuments(t.Context(), &accordv1.ListDocumentsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list.GetDocuments() {
		got, err := a.search.GetDocument(t.Context(), &accordv1.GetDocumentRequest{Name: d.GetName()})
		if err != nil {
			t.Fatal(err)
		}
		out.Documents = append(out.Documents, got.GetDocument())
		found, err := a.search.Search(t.Context(), &accordv1.SearchRequest{
			Query: "all of it", PageSize: 100, Filter: &accordv1.Filter{Documents: []string{d.GetName()}, Kinds: []accordv1.PassageKind{1, 2, 3, 4}},
		})
		if err != nil {
			t.Fatal(err)
		}
		start := len(out.Passages)
		for _, result := range found.GetResults() {
			out.Passages = append(out.Passages, result.GetPassage())
		}
		slices.SortFunc(out.Passages[start:], func(a, b *accordv1.Passage) int { return cmp.Compare(a.GetOrdinal(), b.GetOrdinal()) })
	}
	return out
}

// TestKilledHalfWay: if an ingest or its server is killed halfway, a second run ends with
// the same data as one complete run.
func TestKilledHalfWay(t *testing.T) {
	t.Parallel()
	fresh := serveInstant(t)
	mustAccord(t, "ingest", "--addr", fresh, seeds)
	want := holds(t, fresh)
	if len(want.Documents) != 7 {
		t.Fatalf("the seeds have %d documents", len(want.Documents))
	}
	for what, kill := range map[string]func(server *exec.Cmd, stopIngest func()) error{
		"ingest": func(_ *exec.Cmd, stopIngest func()) error { stopIngest(); return nil },
		"server": func(server *exec.Cmd, _ func()) error { return server.Process.Kill() },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			halfWay, model := holdBack(t)
			flags := []string{"--database-url", storetest.URL(t), "--embedding-url", model}
			server, addr := serveChild(t, flags...)

			ctx, stopIngest := context.WithCancel(t.Context())
			defer stopIngest()
			var report output
			ended := make(chan int, 1)
			go func() {
				ended <- run(ctx, []string{"ingest", "--addr", addr, seeds}, streams{out: io.Discard, err: &report})
			}()
			eventually(t, func() bool { return strings.Contains(report.String(), "created") })
			if err := kill(server, stopIngest); err != nil {
				t.Fatal(err)
			}
			if code := <-ended; code != 1 {
				t.Errorf("the interrupted ingest: exit code %d\n%s", code, report.String())
			}
			if what == "ingest" && (!strings.Contains(report.String(), " interrupted") || strings.Contains(report.String(), "refused")) {
				t.Errorf("the interrupted ingest does not say that it was interrupted:\n%s", report.String())
			}
			close(halfWay)
			_ = server.Process.Kill() // dead already if the test killed it
			_ = server.Wait()

			again := serve(t, flags...)
			partial := holds(t, again)
			if n := len(partial.Documents); n == 0 || n == len(want.Documents) {
				t.Errorf("%d documents were stored before the kill", n)
			}
			mustAccord(t, "ingest", "--addr", again, seeds)
			times := protocmp.IgnoreFields(&accordv1.Document{}, "create_time", "update_time")
			if diff := gocmp.Diff(want, holds(t, again), protocmp.Transform(), times); diff != "" {
				t.Errorf("stored in the end (-one run, +two runs):\n%s", diff)
			}
		})
	}
}

// TestKilledWhileDocumentsWait: after a server was killed, the next one embeds the
// documents in the queue, and nothing acknowledged is lost.
func TestKilledWhileDocumentsWait(t *testing.T) {
	t.Parallel()
	fresh := serveInstant(t)
	mustAccord(t, "ingest", "--addr", fresh, seeds)
	want := holds(t, fresh)
	halfWay, model := holdBack(t)
	flags := []string{"--database-url", storetest.URL(t), "--embedding-url", model}
	server, addr := serveChild(t, flags...)
	mustAccord(t, "ingest", "--no-wait", "--addr", addr, seeds)
	waiting := func(on api) int64 {
		st, err := on.ingest.GetIngestStatus(t.Context(), &accordv1.GetIngestStatusRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return st.GetPendingDocumentCount()
	}
	if n := waiting(newAPI(t, addr)); n == 0 {
		t.Error("no document waits although the model server is blocked")
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait() // the test killed it
	close(halfWay)
	again := serve(t, flags...)
	polled := newAPI(t, again) // one connection for all polls, since a server limits the connections of a host
	eventually(t, func() bool { return waiting(polled) == 0 })
	times := protocmp.IgnoreFields(&accordv1.Document{}, "create_time", "update_time")
	if diff := gocmp.Diff(want, holds(t, again), protocmp.Transform(), times); diff != "" {
		t.Errorf("stored in the end (-with waiting, +without):\n%s", diff)
	}
}

// holdBack starts a model server that embeds no Chinese text before halfWay is closed, so
// that an ingest of the seeds stops after the English documents.
func holdBack(t *testing.T) (halfWay chan struct{}, url string) {
	t.Helper()
	halfWay = make(chan struct{})
	model := newModel()
	server := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client disconnected
		}
		if strings.Contains(string(body), "秘鲁") {
			select {
			case <-halfWay:
			case <-r.Context().Done():
				return
			}
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		model.ServeHTTP(w, r)
	}))
	return halfWay, server.URL
}

// serveChild runs a server in its own process, which a test may kill.
func serveChild(t testing.TB, flags ...string) (server *exec.Cmd, addr string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out output
	server = exec.CommandContext(t.Context(), self, append([]string{"serve", "--grpc-addr", "127.0.0.1:0"}, flags...)...)
	server.Env = append(os.Environ(), asCommand+"=1")
	server.Stdout, server.Stderr = &out, &out
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	var match []string
	eventually(t, func() bool {
		match = listening.FindStringSubmatch(out.String())
		return match != nil
	})
	return server, match[1]
}
