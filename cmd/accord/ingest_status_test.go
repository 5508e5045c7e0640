package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

var anyPort = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// TestIngestWithoutWaiting: ingest status reports documents that were ingested without
// waiting until they are embedded or have failed. Failed documents can be retried.
func TestIngestWithoutWaiting(t *testing.T) {
	t.Parallel()
	var mended atomic.Bool
	model := newModel()
	url := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte("poison")) && !mended.Load() {
			embedtest.Answer(http.StatusBadRequest, embedtest.Refusal(http.StatusBadRequest, "no such text")).ServeHTTP(w, r)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		model.ServeHTTP(w, r)
	})).URL
	addr := serve(t, "--database-url", storetest.URL(t), "--embedding-url", url)
	// The server makes the default collection soon after it begins to listen.
	if out := mustAccord(t, "ingest", "status", "--addr", addr); !strings.Contains(out, "no collections") && !strings.Contains(out, "default     0        0        0 ") {
		t.Errorf("without documents: %s", out)
	}
	folder := t.TempDir()
	writeFile(t, folder, "good.txt", "A good title\n\nThe port opened on Monday.\n")
	writeFile(t, folder, "bad.txt", "Some poison here, and no more than that.\n")
	code, _, report := accord(t, "ingest", "--no-wait", "--addr", addr, folder)
	if code != 0 || !strings.Contains(report, "found only by words until they have vectors: 2") {
		t.Fatalf("exit code %d: %s", code, report)
	}
	var status string
	eventually(t, func() bool {
		status = mustAccord(t, "ingest", "status", "--addr", addr)
		return strings.Contains(status, "no such text") && strings.Contains(status, "default     0        1 ")
	})
	golden(t, "ingest_status.golden", anyPort.ReplaceAllString(status, "127.0.0.1:PORT"))
	if got := mustAccord(t, "get", "bad", "--addr", addr); !strings.Contains(got, "indexed    failed, so it is found only by words: REJECTED") {
		t.Errorf("get: %s", got)
	}
	var line struct {
		Collection string
		Status     json.RawMessage
	}
	var answer accordv1.GetIngestStatusResponse
	if err := json.Unmarshal([]byte(mustAccord(t, "ingest", "status", "-o", "json", "--addr", addr, "--collection", "collections/default")), &line); err != nil {
		t.Fatal(err)
	}
	if err := protojson.Unmarshal(line.Status, &answer); err != nil || line.Collection != "collections/default" || answer.GetFailedDocumentCount() != 1 {
		t.Errorf("as JSON: %s, %v, error %v", line.Collection, &answer, err)
	}
	mended.Store(true)
	code, _, report = accord(t, "ingest", "status", "--retry-failed", "--addr", addr)
	if code != 0 || !strings.Contains(report, "documents to retry: 1") {
		t.Errorf("exit code %d: %s", code, report)
	}
	eventually(t, func() bool {
		return strings.Contains(mustAccord(t, "ingest", "status", "--addr", addr), "default     0        2        0       0")
	})
}
