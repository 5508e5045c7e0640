package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/store/storetest"
)

// TestHTTPTerminated: when a server is terminated, an import over HTTP gets the results of what
// the server has taken, and then the reason why it ends.
func TestHTTPTerminated(t *testing.T) {
	t.Parallel()
	address := freeAddr(t)
	server, _ := serveChild(t, "--database-url", storetest.URL(t), "--embedding-url", slowModel(t, 50*time.Millisecond, 1), "--http-addr", address, "--stop-timeout", "10s")
	documents, lines := io.Pipe()
	go func() {
		for n := 0; ; n++ { // until the request ends
			if _, err := fmt.Fprintf(lines, `{"name":"collections/default/documents/d%d","languageCode":"en","text":"Port %d opened."}`+"\n", n, n); err != nil {
				return
			}
		}
	}()
	request, err := http.NewRequestWithContext(limited(t), http.MethodPost, "http://"+address+webDocuments+":import", documents)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	stored, last := 0, ""
	for results := bufio.NewScanner(answer.Body); results.Scan(); {
		var result struct{ Outcome string }
		if last = results.Text(); json.Unmarshal([]byte(last), &result) == nil && result.Outcome == "WRITE_OUTCOME_CREATED" {
			stored++
		}
		if stored == 5 {
			if err := server.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	if stored < 5 || !strings.Contains(last, "SERVER_STOPPING") {
		t.Errorf("%d documents were stored, and the last line is %s", stored, last)
	}
	_ = server.Wait() // how it ends does not matter
}
