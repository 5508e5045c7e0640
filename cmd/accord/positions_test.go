package main

import (
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestShrunkFileBesideReplica: documents that a file no longer has are deleted, even if the
// server could ask a replica that has not replayed their creation.
func TestShrunkFileBesideReplica(t *testing.T) {
	t.Parallel()
	cluster, model := storetest.NewCluster(t), embedtest.Serve(t, newModel()).URL
	addr := serve(t, "--database-url", cluster.Primary.URL, "--database-replica-urls", cluster.Replica.URL,
		"--database-replica-max-lag", "1h", "--embedding-url", model)
	folder := t.TempDir()
	line := func(id string) string {
		return `{"id":"` + id + `","title":"A title","text":"Some text of ` + id + `."}` + "\n"
	}
	writeFile(t, folder, "file.jsonl", line("first"))
	mustAccord(t, "ingest", "--addr", addr, folder)
	waitForReplica(t, cluster)
	cluster.Replica.Exec(t, "SELECT pg_wal_replay_pause()")

	writeFile(t, folder, "file.jsonl", line("first")+line("second"))
	mustAccord(t, "ingest", "--addr", addr, folder)
	writeFile(t, folder, "file.jsonl", line("first"))
	if code, _, report := accord(t, "ingest", "--addr", addr, folder); code != 0 || !strings.Contains(report, "1 removed") {
		t.Errorf("exit code %d; the second document was not deleted:\n%s", code, report)
	}
}

// waitForReplica waits until the replica has replayed all writes of the primary.
func waitForReplica(t *testing.T, cluster storetest.Cluster) {
	t.Helper()
	least := cluster.Primary.Position(t)
	for deadline := time.Now().Add(20 * time.Second); cluster.Replica.Position(t) < least; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the replica does not catch up")
		}
	}
}
