package main

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestDumpRestored copies a database with pg_dump and pg_restore while a server uses it. A
// server can use the copy at once, and gives the same results with the same scores.
func TestDumpRestored(t *testing.T) {
	t.Parallel()
	database, restored := storetest.URL(t), storetest.Empty(t)
	model := newModel()
	url := embedtest.Serve(t, model).URL
	from := serve(t, "--database-url", database, "--embedding-url", url)
	mustAccord(t, "ingest", "--addr", from, seeds)

	file := filepath.Join(t.TempDir(), "accord.dump")
	storetest.Program(t, "pg_dump", "--format=custom", "--file="+file, database)
	storetest.Program(t, "pg_restore", "--exit-on-error", "--no-owner", "--dbname="+restored, file)
	before := passagesEmbedded(model, "Peru")
	to := serve(t, "--database-url", restored, "--embedding-url", url)
	if diff := cmp.Diff(holds(t, from), holds(t, to), protocmp.Transform()); diff != "" {
		t.Errorf("stored (-original +restored):\n%s", diff)
	}
	original, copied := settledAnswers(t, from, to, accordv1.SearchMode_SEARCH_MODE_HYBRID, protocmp.Transform())
	if diff := cmp.Diff(original, copied, protocmp.Transform()); diff != "" {
		t.Errorf("answers (-original +restored):\n%s", diff)
	}
	if out := mustAccord(t, "collection", "export", "--addr", to, filepath.Join(t.TempDir(), "export.jsonl")); out == "" {
		t.Error("the restored database exports nothing")
	}
	if n := passagesEmbedded(model, "Peru") - before; n != 0 {
		t.Errorf("%d texts were embedded again", n)
	}
}
