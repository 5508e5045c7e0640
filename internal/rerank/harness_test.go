package rerank_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/rerank"
)

// hang is the limit for calls that must not hang.
const hang = 10 * time.Second

func open(t *testing.T, scheme, url string, timeout time.Duration) *rerank.Client {
	t.Helper()
	client, err := rerank.Open(rerank.Config{URL: scheme + url, APIKey: "sk-value", Model: "m", Timeout: timeout, MaxTokens: 50})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// asked is a request in either format.
type asked struct {
	Path      string   `json:"-"`
	Key       string   `json:"-"`
	Model     string   `json:"model"`
	Query     string   `json:"query"`
	Texts     []string `json:"texts"`
	Documents []string `json:"documents"`
	TopN      int      `json:"top_n"`
}

// server answers in both formats. Each text is a number, which is its score. The answer is
// in reverse order.
type server struct {
	mu    sync.Mutex
	asked []asked
	batch int // limit that /info reports; 0 if it reports none
	infos int
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "/info") {
		s.infos++
		if s.batch == 0 {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"model_id": "m", "max_client_batch_size": %d}`, s.batch)
		return
	}
	q := asked{Path: r.URL.Path, Key: r.Header.Get("Authorization")}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	s.asked = append(s.asked, q)
	field, texts := "score", q.Texts
	if texts == nil {
		field, texts = "relevance_score", q.Documents
	}
	list := []map[string]any{}
	for i := len(texts) - 1; i >= 0; i-- {
		score, _ := strconv.ParseFloat(texts[i], 64)
		list = append(list, map[string]any{"index": i, field: score})
	}
	var answer any = list
	if q.Texts == nil {
		answer = map[string]any{"model": "m", "results": list}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func numbers(n int) (texts []string, scores []float64) {
	for i := range n {
		texts, scores = append(texts, strconv.Itoa(i*i-50)), append(scores, float64(i*i-50))
	}
	return texts, scores
}

func results(list string) http.Handler {
	return embedtest.Answer(http.StatusOK, `{"results":[`+list+`]}`)
}
