package main

import (
	"io"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// copyQueries are questions about the seeds.
func copyQueries() []string {
	return []string{
		"what was agreed on digital economy", "which president came to Lima", "free trade", `"free trade agreement"`, "Article 3",
		"数字经济方面达成了哪些共识", "秘鲁总统", "自由贸易协定", "第三条",
		"qué acordaron sobre economía digital", "la cooperación entre China y Perú", "libre comercio", "artículo 3",
	}
}

// answers returns the results of a server for copyQueries.
func answers(t *testing.T, addr string, mode accordv1.SearchMode) (out []*accordv1.SearchResponse) {
	t.Helper()
	for _, query := range copyQueries() {
		reply, err := newAPI(t, addr).search.Search(t.Context(), &accordv1.SearchRequest{Query: query, PageSize: 30, ContextPassages: 1, Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		reply.SearchInfo, reply.NextPageToken = &accordv1.SearchInfo{
			Space: reply.GetSearchInfo().GetSpace(), MatchConfidence: reply.GetSearchInfo().GetMatchConfidence(),
		}, ""
		out = append(out, reply)
	}
	return out
}

// withoutTimes ignores the times at which documents were stored.
func withoutTimes() cmp.Options {
	return cmp.Options{protocmp.Transform(), protocmp.IgnoreFields(&accordv1.Document{}, "create_time", "update_time")}
}

// settledAnswers returns the answers of two servers when they are alike, or after patience. The
// first question in a language that no document has may be answered before the server has learned
// how questions in it score.
func settledAnswers(t *testing.T, one, two string, mode accordv1.SearchMode, alike cmp.Option) (original, copied []*accordv1.SearchResponse) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		original, copied = answers(t, one, mode), answers(t, two, mode)
		if cmp.Equal(original, copied, alike) || time.Since(begun) > patience {
			return original, copied
		}
	}
}

// sameServers checks that two servers have the same documents and passages, and give the
// same results.
func sameServers(t *testing.T, one, two string) {
	t.Helper()
	if diff := cmp.Diff(holds(t, one), holds(t, two), withoutTimes()); diff != "" {
		t.Errorf("stored (-original +copy):\n%s", diff)
	}
	for _, mode := range []accordv1.SearchMode{
		accordv1.SearchMode_SEARCH_MODE_SEMANTIC, accordv1.SearchMode_SEARCH_MODE_LEXICAL, accordv1.SearchMode_SEARCH_MODE_HYBRID,
	} {
		alike := cmp.Options{withoutTimes(), cmpopts.EquateApprox(0, 1e-4)}
		original, copied := settledAnswers(t, one, two, mode, alike)
		if !sameRanks(original, copied) {
			t.Errorf("in mode %v the results of the original are\n%v\nand those of the copy\n%v", mode, ranks(original), ranks(copied))
		} else if diff := cmp.Diff(original, copied, alike); diff != "" {
			t.Errorf("answers in mode %v (-original +copy):\n%s", mode, diff)
		}
	}
}

// rank is a result, without what takes long to compare.
type rank struct {
	Passage   string
	Relevance float32
}

func ranks(answers []*accordv1.SearchResponse) (all []rank) {
	for _, answer := range answers {
		for _, result := range answer.GetResults() {
			all = append(all, rank{result.GetPassage().GetName(), result.GetScores().GetRelevance()})
		}
	}
	return all
}

// sameRanks reports whether answers have the same passages in the same order, with the same
// relevance but for rounding.
func sameRanks(one, two []*accordv1.SearchResponse) bool {
	return slices.EqualFunc(ranks(one), ranks(two), func(a, b rank) bool {
		return a.Passage == b.Passage && math.Abs(float64(a.Relevance-b.Relevance)) <= 1e-4
	})
}

// servedSeeds starts a server that has ingested the seeds.
func servedSeeds(t *testing.T) (addr string) {
	t.Helper()
	addr = serveInstant(t)
	mustAccord(t, "ingest", "--addr", addr, seeds)
	return addr
}

func TestCollectionCopied(t *testing.T) {
	t.Parallel()
	from := servedSeeds(t)
	for _, test := range []struct {
		file             string
		exports, imports []string
	}{
		{"plain.jsonl", nil, nil},
		{"passages.jsonl.gz", []string{"--passages"}, nil},
		{"vectors.jsonl.zst", []string{"--vectors"}, []string{"--vectors"}},
		{"unused-vectors.jsonl.zst", []string{"--vectors", "--passages"}, nil},
	} {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), test.file)
			out := mustAccord(t, append([]string{"collection", "export", "--addr", from, file}, test.exports...)...)
			if out != "7 documents exported to "+file+"\n" {
				t.Errorf("export: %q", out)
			}
			if out := mustAccord(t, "collection", "import", "--validate-only", file); out != "7 documents, all intact\n" {
				t.Errorf("check: %q", out)
			}
			model := newModel()
			to := serve(t, "--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, model).URL)
			importIt := append([]string{"collection", "import", "--addr", to, file}, test.imports...)
			if out := mustAccord(t, importIt...); out != "documents: 7 created\n" {
				t.Errorf("import: %q", out)
			}
			if embedded := passagesEmbedded(model, "Peru"); (embedded == 0) != (test.imports != nil) {
				t.Errorf("%d texts were embedded", embedded)
			}
			sameServers(t, from, to)
			if out := mustAccord(t, importIt...); out != "documents: 7 already stored\n" {
				t.Errorf("second import: %q", out)
			}
		})
	}
}

// TestImportPauses checks that an import closes its stream if it finds no document to send for
// a while, and continues over another stream.
func TestImportPauses(t *testing.T) {
	t.Parallel()
	from := servedSeeds(t)
	file := filepath.Join(t.TempDir(), "export.jsonl")
	mustAccord(t, "collection", "export", "--addr", from, file)
	to, web, _ := serveMetrics(t)
	command := &collectionImportCmd{File: file, copyFlags: copyFlags{CallTimeout: time.Minute, clientFlags: clientFlags{Addr: to}}, pause: time.Nanosecond}
	var out strings.Builder
	if err := command.Run(t.Context(), streams{out: &out, err: &out}); err != nil || out.String() != "documents: 7 created\n" {
		t.Fatalf("import: %q, error %v", out.String(), err)
	}
	const calls = "accord_rpc_requests_total"
	eventually(t, func() bool { // a call is counted after its answer is sent
		return number(scrape(t, web), calls, "code=OK", "method=accord.v1.IngestService/ImportDocuments") == 1+7
	})
	if diff := cmp.Diff(holds(t, from), holds(t, to), withoutTimes()); diff != "" {
		t.Errorf("stored (-original +copy):\n%s", diff)
	}
}

// TestImportWithoutWaiting checks that an import can return before documents are embedded,
// and that vectors from a later import are stored without embedding.
func TestImportWithoutWaiting(t *testing.T) {
	t.Parallel()
	from := servedSeeds(t)
	file := filepath.Join(t.TempDir(), "export.jsonl.gz")
	mustAccord(t, "collection", "export", "--addr", from, "--vectors", file)
	model := newModel()
	to := serve(t, "--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, model).URL, "--embedding-workers", "0")
	for _, test := range []struct{ flag, want string }{
		{"--no-wait", "documents: 7 created\n"},
		{"--no-wait", "documents: 7 already stored\n"},
		{"--vectors", "documents: 7 updated\n"},
		{"--vectors", "documents: 7 already stored\n"},
	} {
		if out := mustAccord(t, "collection", "import", "--addr", to, file, test.flag); out != test.want {
			t.Errorf("%s: %q, want %q", test.flag, out, test.want)
		}
	}
	if n := passagesEmbedded(model, "Peru"); n != 0 {
		t.Errorf("%d texts were embedded", n)
	}
	sameServers(t, from, to)
}

// TestCollectionCopiedWithKeys checks the roles that the two commands need, over TLS.
func TestCollectionCopiedWithKeys(t *testing.T) {
	t.Parallel()
	certificate := newAuthority(t).issue(t, "localhost")
	g := serveGuarded(t, "--tls-cert", certificate.cert, "--tls-key", certificate.key)
	command := func(role string, args ...string) (code int, errOut string) {
		t.Helper()
		flags := []string{"--addr", g.addr, "--ca", certificate.ca, "--api-key", g.key(t, "--role", role)}
		code, _, errOut = accord(t, slices.Concat(args, flags)...)
		return code, errOut
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "export.jsonl")
	for _, test := range []struct {
		role string
		args []string
		says string // part of the error; empty for success
	}{
		{"write", []string{"ingest", small(t)}, ""},
		{"read", []string{"collection", "export", "--vectors", file}, ""},
		{"read", []string{"collection", "import", "--vectors", file}, "PermissionDenied"},
		{"write", []string{"collection", "import", "--vectors", file}, ""},
		{"write", []string{"collection", "import", "--vectors", file, "--collection", "copy"}, "PermissionDenied"},
		{"admin", []string{"collection", "import", "--vectors", file, "--collection", "copy"}, ""},
	} {
		code, errOut := command(test.role, test.args...)
		if (code == 0) != (test.says == "") || !strings.Contains(errOut, test.says) {
			t.Errorf("%s as %s: exit code %d, %s", test.args, test.role, code, errOut)
		}
	}
}

// TestCollectionRenamed checks an import into a collection of another name, and that the
// exported vectors are refused if the collection has another model.
func TestCollectionRenamed(t *testing.T) {
	t.Parallel()
	from := servedSeeds(t)
	file := filepath.Join(t.TempDir(), "export.jsonl")
	mustAccord(t, "collection", "export", "--addr", from, "--vectors", file)
	mustAccord(t, "collection", "import", "--addr", from, "--vectors", "--collection", "collections/copy", file)
	got, err := newAPI(t, from).search.ListDocuments(t.Context(), &accordv1.ListDocumentsRequest{Parent: "collections/copy"})
	if err != nil || len(got.GetDocuments()) != 7 {
		t.Errorf("%d documents in the copy: %v", len(got.GetDocuments()), err)
	}

	other := newModel()
	other.Dimensions = 48
	to := serve(t, "--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, other).URL)
	code, _, errOut := accord(t, "collection", "import", "--addr", to, "--vectors", file)
	if code != 1 || !strings.Contains(errOut, "dimensions 32 instead of 48") || !strings.Contains(errOut, "without vectors") {
		t.Errorf("vectors of another model: exit code %d, %s", code, errOut)
	}
	if out := mustAccord(t, "collection", "import", "--addr", to, file); out != "documents: 7 created\n" {
		t.Errorf("without vectors: %q", out)
	}
}

// TestCollectionVectorsKeepFailures checks that windows without a vector are exported and
// imported as such.
func TestCollectionVectorsKeepFailures(t *testing.T) {
	t.Parallel()
	model := refusingModel(t, "unbroken")
	from := serve(t, "--database-url", storetest.URL(t), "--embedding-url", model)
	a := newAPI(t, from)
	_, err := a.ingest.UpsertDocument(t.Context(), &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{
		Name: "collections/default/documents/long", Text: "Short.\n\n" + "This is unbroken.", LanguageCode: "en",
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := holds(t, from)
	if want.Documents[0].GetIndexState() != accordv1.IndexState_INDEX_STATE_PARTIAL {
		t.Fatalf("the document is %v", want.Documents[0].GetIndexState())
	}
	file := filepath.Join(t.TempDir(), "export.jsonl")
	mustAccord(t, "collection", "export", "--addr", from, "--vectors", file)
	to := serve(t, "--database-url", storetest.URL(t), "--embedding-url", model)
	mustAccord(t, "collection", "import", "--addr", to, "--vectors", file)
	if diff := cmp.Diff(want, holds(t, to), withoutTimes()); diff != "" {
		t.Errorf("stored (-original +copy):\n%s", diff)
	}
}

// refusingModel starts a model server that rejects texts with the given word.
func refusingModel(t *testing.T, word string) (url string) {
	t.Helper()
	model := newModel()
	return embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client disconnected
		}
		if strings.Contains(string(body), word) {
			http.Error(w, "I do not embed this", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		model.ServeHTTP(w, r)
	})).URL
}
