package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestCollections creates, lists and deletes collections, and lists documents.
func TestCollections(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	run := func(args ...string) string { return mustAccord(t, append(args, "--addr", "http://"+addr)...) }
	// The server creates the default collection soon after it listens.
	if out := run("collection", "list"); !strings.HasPrefix(out, "no collections") && !strings.Contains(out, "default     0          0 ") {
		t.Errorf("at first: %q", out)
	}
	if out := run("collection", "create", "news"); out != "created collections/news, embedded with test-model\n" {
		t.Errorf("create: %q", out)
	}
	if out := run("list", "--collection", "news"); out != "no documents\n" {
		t.Errorf("list: %q", out)
	}
	run("ingest", "--collection", "news", small(t))
	golden(t, "list.golden", run("list", "--collection", "collections/news"))
	if out := run("list", "--collection", "news", "--language", "zh"); strings.Contains(out, "ports") || !strings.Contains(out, "gangkou") {
		t.Errorf("list with a filter: %s", out)
	}
	if out := run("get", "ports", "--collection", "news"); !strings.Contains(out, "collections/news/documents/ports") {
		t.Errorf("get: %s", out)
	}
	if out := run("collection", "list"); !strings.Contains(out, "news        3          5         test-model") {
		t.Errorf("list: %s", out)
	}
	if code, _, errOut := accord(t, "collection", "delete", "news", "--addr", addr); code != 1 || errOut != "accord: FailedPrecondition: collections/news: holds documents; --force deletes them with it\n" {
		t.Errorf("delete: exit code %d, %s", code, errOut)
	}
	if out := run("collection", "delete", "news", "--force"); out != "deleted collections/news\n" {
		t.Errorf("delete: %q", out)
	}
}

// TestListPages: the output of a page has the token of the next one.
func TestListPages(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	mustAccord(t, "ingest", "--addr", addr, small(t))
	code, out, errOut := accord(t, "list", "--page-size", "2", "--addr", addr)
	_, token, more := strings.Cut(strings.TrimSpace(errOut), "--page-token ")
	if code != 0 || !more || strings.Count(out, "\n") != 3 {
		t.Fatalf("exit code %d, %s%s", code, out, errOut)
	}
	if out := mustAccord(t, "list", "--limit", "2", "--page-token", token, "--addr", addr); !strings.Contains(out, "undated") || strings.Count(out, "\n") != 2 {
		t.Errorf("second page: %s", out)
	}
	var page accordv1.ListDocumentsResponse
	if err := protojson.Unmarshal([]byte(mustAccord(t, "list", "-o", "json", "--addr", addr)), &page); err != nil || len(page.GetDocuments()) != 3 {
		t.Errorf("as JSON: %v, error %v", &page, err)
	}
}

// TestStatusAndDoctorOfServer: status and doctor report which services work, both with a
// model server and after it went down.
func TestStatusAndDoctorOfServer(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	model := newModel()
	url := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			embedtest.Answer(http.StatusServiceUnavailable, "down").ServeHTTP(w, r)
			return
		}
		model.ServeHTTP(w, r)
	})).URL
	database := storetest.URL(t)
	addr := serve(t, "--database-url", database, "--embedding-url", url)
	mustAccord(t, "ingest", "--addr", addr, small(t))
	status := func() (code int, out string) { code, out, _ = accord(t, "status", "--addr", addr); return code, out }
	eventually(t, func() bool { code, _ := status(); return code == 0 }) // the server checks its health every few seconds
	_, out := status()
	for _, part := range []string{
		"server at " + addr + " answers in ", "searches                       SERVING", "IngestService                  SERVING",
		"default     3          5         3        0        0       0", "ACTIVE  test-model  default  100%",
		"version " + versionName() + ", started ", "reads           1        0",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("status lacks %q:\n%s", part, out)
		}
	}
	var found struct {
		Address     string
		Health      []serviceHealth
		Server      json.RawMessage
		Collections []struct {
			Collection, Ingest json.RawMessage
			Spaces             []json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(mustAccord(t, "status", "-o", "json", "--addr", addr)), &found); err != nil {
		t.Fatal(err)
	}
	var about accordv1.GetServerInfoResponse
	if err := protojson.Unmarshal(found.Server, &about); err != nil || about.GetVersion() != versionName() || len(about.GetLanes()) != 4 {
		t.Errorf("as JSON the server is %s, error %v", found.Server, err)
	}
	var cl accordv1.Collection
	if found.Address != addr || len(found.Health) < 5 || len(found.Collections) != 1 || len(found.Collections[0].Spaces) != 1 ||
		protojson.Unmarshal(found.Collections[0].Collection, &cl) != nil || cl.GetDocumentCount() != 3 {
		t.Errorf("as JSON: %+v", found)
	}
	doctor := func() (code int, report struct {
		Well    bool
		Summary string
		Checks  []check
	},
	) {
		code, out, _ := accord(t, "doctor", "-o", "json", "--addr", addr, "--database-url", database, "--embedding-url", url)
		if err := json.Unmarshal([]byte(out), &report); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return code, report
	}
	if code, report := doctor(); code != 0 || !report.Well || report.Summary != "all well: 3 checks" || report.Checks[2].Part != "running server" || !report.Checks[2].Well || len(report.Checks[2].Details) != 1 {
		t.Errorf("doctor: exit code %d, %+v", code, report)
	}
	down.Store(true)
	eventually(t, func() bool {
		// This question was not asked before, so its vector is not cached.
		code, out, errOut := accord(t, "search", "a question about the port of Chancay", "--addr", addr)
		return code == 4 && strings.Contains(out, "Ports of the Pacific") &&
			errOut == "accord: part of the search did not work: the model server does not answer, so only words were compared\n"
	})
	eventually(t, func() bool {
		code, out := status()
		return code == 1 && strings.Contains(out, "IngestService                  NOT_SERVING")
	})
	if code, report := doctor(); code != 1 || report.Summary != "3 of 4 checks failed: model server default, space, running server" {
		t.Errorf("doctor without a model server: exit code %d, %+v", code, report)
	}
}
