package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/eval"
	"github.com/accord-search/accord/internal/store/storetest"
)

// greeting collects the output of a server, and returns the server's address once it
// serves.
type greeting struct {
	mu    sync.Mutex
	text  bytes.Buffer
	addr  chan string
	found bool
}

var servesRE = regexp.MustCompile(`Accord serves on (\S+)\. `)

func (g *greeting) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text.Write(p)
	if m := servesRE.FindSubmatch(g.text.Bytes()); m != nil && !g.found {
		g.found = true
		g.addr <- string(m[1])
	}
	return len(p), nil
}

func (g *greeting) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.String()
}

// serveJudged runs `accord serve` with a new database until the test ends, and returns the
// address.
func serveJudged(t *testing.T, modelURL string, args ...string) string {
	t.Helper()
	args = append([]string{"serve", "--grpc-addr", "127.0.0.1:0", "--database-url", storetest.URL(t), "--embedding-url", modelURL}, args...)
	out := &greeting{addr: make(chan string, 1)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, args, streams{out: out, err: out}) }()
	select {
	case addr := <-out.addr:
		t.Cleanup(func() {
			stop()
			if code := <-ended; code != 0 {
				t.Errorf("serve: exit code %d:\n%s", code, out)
			}
		})
		return addr
	case code := <-ended:
		stop()
		t.Fatalf("serve: exit code %d:\n%s", code, out)
		return ""
	}
}

// evaluate runs `accord eval -o json`.
func evaluate(t *testing.T, args ...string) evalReport {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), append([]string{"eval", "-o", "json"}, args...), streams{out: &out, err: &errs}); code != 0 {
		t.Fatalf("eval %v: exit code %d: %s", args, code, errs.String())
	}
	var r evalReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("eval %v printed %s: %v", args, out.String(), err)
	}
	return r
}

// scorer is an independent implementation of the measures. It is not in the repository.
const scorer = "../../../shared/eval/score.py"

// agrees checks that a summary has the figures that scorer computes from the run file.
func agrees(t *testing.T, s eval.Summary, args ...string) {
	t.Helper()
	if _, err := os.Stat(scorer); err != nil {
		t.Log("no other implementation to compare with:", err)
		return
	}
	out, err := exec.CommandContext(t.Context(), "python3", append([]string{scorer}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", scorer, err, out)
	}
	want := fmt.Sprintf("nDCG@10 %.4f  MRR@10 %.4f  R@10 %.4f  R@100 %.4f  MAP %.4f  Hit@1 %.4f",
		s.NDCG10, s.MRR10, s.Recall10, s.Recall100, s.MAP, s.Hit1)
	if !strings.Contains(string(out), want) {
		t.Errorf("eval says %s, %s %v:\n%s", want, scorer, args, out)
	}
}

func instantModel(t *testing.T) (*embedtest.Server, string) {
	t.Helper()
	model := &embedtest.Server{Model: "instant", Dimensions: 256}
	return model, embedtest.Serve(t, model).URL
}

// passagesEmbedded counts the texts of the set that were sent to a model server.
func passagesEmbedded(model *embedtest.Server, text string) (n int) {
	for _, request := range model.Requests() {
		for _, input := range request.Input {
			if strings.Contains(input, text) {
				n++
			}
		}
	}
	return n
}
