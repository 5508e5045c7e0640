package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestDoctorOfSpaces checks which server doctor reports for each stored space.
func TestDoctorOfSpaces(t *testing.T) {
	t.Parallel()
	database, model := storetest.URL(t), embedtest.Serve(t, newModel()).URL
	mustAccord(t, "ingest", "--addr", serve(t, "--database-url", database, "--embedding-url", model), small(t))
	renamed := embedtest.Serve(t, &embedtest.Server{Model: "renamed", Dimensions: 32}).URL
	longer := embedtest.Serve(t, &embedtest.Server{Model: "test-model", Dimensions: 48}).URL
	key := writeFile(t, t.TempDir(), "key", "s3cret")
	file := writeFile(t, t.TempDir(), "servers.yaml", "servers:\n  same: {url: "+renamed+", api_key_file: "+key+"}\n")
	broken := writeFile(t, t.TempDir(), "broken.yaml", "servers:\n  same: {urk: x}\n")
	judge := func(answer string) string { return embedtest.Serve(t, embedtest.Answer(http.StatusOK, answer)).URL }
	for _, test := range []struct {
		what string
		args []string
		code int
		says []string
	}{
		{"its own", []string{"--embedding-url", model}, 0, []string{
			"model server default: test-model, 32 dimensions, by ", " at http://127.0.0.1", "profile", "no prefixes", "requests", "long texts",
			"a query in", "tokens per second", "serves      collections/default/spaces/test-model-", "(ACTIVE)", "all well",
		}},
		{"by another name", []string{"--embedding-servers", file}, 0, []string{"model server same: renamed", "serves", "all well"}},
		{"another model", []string{"--embedding-url", longer}, 1, []string{
			"not         collections/default/spaces/test-model-", "the server offers test-model with 48 dimensions",
			"(ACTIVE) was embedded with test-model by model server default", "accord space create",
		}},
		{"another model, and a server that does", []string{"--embedding-url", longer, "--embedding-servers", file}, 0, []string{"not ", "serves", "all well"}},
		{"faulty file", []string{"--embedding-servers", broken}, 1, []string{broken + ", line 2", `unknown key "urk"`}},
		{"reranker", []string{"--embedding-url", model, "--rerank-url", judge(`{"results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}]}`)}, 0, []string{
			"reranking server: two passages in", "all well",
		}},
		{"reranker that judges nothing", []string{"--embedding-url", model, "--rerank-url", judge(`{"results": [{"index": 0, "relevance_score": 0.5}, {"index": 1, "relevance_score": 0.5}]}`)}, 1, []string{
			"no higher", "ACCORD_RERANK_MODEL",
		}},
		{"reranker that is down", []string{"--embedding-url", model, "--rerank-url", "http://" + freeAddr(t)}, 1, []string{"reranking server: ", "check ACCORD_RERANK_URL"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			code, out, errOut := accord(t, append([]string{"doctor", "--addr", "127.0.0.1:1", "--database-url", database}, test.args...)...)
			if code != test.code || errOut != "" {
				t.Errorf("exit code %d, want %d; standard error %q", code, test.code, errOut)
			}
			for _, part := range test.says {
				if !strings.Contains(out, part) {
					t.Errorf("output lacks %q:\n%s", part, out)
				}
			}
			if strings.Contains(out, "s3cret") {
				t.Errorf("output has a key:\n%s", out)
			}
		})
	}
}

// TestDoctorOfReplicas checks what doctor reports about replicas, and about databases that
// are configured as replicas but are not.
func TestDoctorOfReplicas(t *testing.T) {
	t.Parallel()
	cluster, model := storetest.NewCluster(t), embedtest.Serve(t, newModel()).URL
	for _, test := range []struct {
		replicas string
		code     int
		says     []string
	}{
		{cluster.Replica.URL, 0, []string{"replica 1: 127.0.0.1:", "replayed to 0/", "all well"}},
		{cluster.Replica.URL + "," + cluster.Primary.URL, 1, []string{"replica 1: 127.0.0.1:", "replica 2: it is not a replica"}},
		{"postgres://user:s3cret@" + freeAddr(t) + "/none", 1, []string{"replica 1: ", "check that ACCORD_DATABASE_REPLICA_URLS"}},
	} {
		code, out, errOut := accord(t, "doctor", "--addr", "127.0.0.1:1", "--database-url", cluster.Primary.URL, "--database-replica-urls", test.replicas, "--embedding-url", model)
		if code != test.code || errOut != "" || strings.Contains(out, "s3cret") {
			t.Errorf("exit code %d, want %d; standard error %q", code, test.code, errOut)
		}
		for _, part := range test.says {
			if !strings.Contains(out, part) {
				t.Errorf("output lacks %q:\n%s", part, out)
			}
		}
	}
}
