package rerank_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/rerank"
)

// TestFormats checks the requests in each format, that the scores are in the order of the
// texts, and that the texts are sent in as many requests as the server's limit requires.
func TestFormats(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scheme, path, wantPath string
		batch, texts, requests int
	}{
		{"", "", "/v1/rerank", 0, 200, 1},
		{"jina+", "", "/v1/rerank", 0, 3, 1},
		{"cohere+", "/v2", "/v2/rerank", 0, 3, 1},
		{"infinity+", "", "/rerank", 0, 200, 1},
		{"infinity+", "/v1", "/v1/rerank", 0, 3, 1},
		{"tei+", "", "/rerank", 0, 70, 3},
		{"tei+", "/models/a", "/models/a/rerank", 8, 70, 9},
		{"tei+", "", "/rerank", 100_000, 70, 1},
	} {
		t.Run(test.scheme+test.path, func(t *testing.T) {
			t.Parallel()
			s := &server{batch: test.batch}
			client := open(t, test.scheme, embedtest.Serve(t, s).URL+test.path, hang)
			texts, want := numbers(test.texts)
			for range 2 {
				got, err := client.Rerank(t.Context(), "who?", texts)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("scores (-want +got):\n%s", diff)
				}
			}
			if len(s.asked) != 2*test.requests || s.infos > 1 {
				t.Errorf("%d requests, want %d; %d questions for limits", len(s.asked), 2*test.requests, s.infos)
			}
			for _, q := range s.asked {
				if q.Path != test.wantPath || q.Key != "Bearer sk-value" || q.Query != "who?" || q.TopN != len(q.Documents) {
					t.Errorf("asked %+v", q)
				}
			}
		})
	}
	if got, err := open(t, "", "http://nobody.invalid", hang).Rerank(t.Context(), "who?", nil); err != nil || got != nil {
		t.Errorf("no texts: %v, %v", got, err)
	}
}

// TestCut checks that the beginning of every text is sent, and nothing beyond the model's
// limit.
func TestCut(t *testing.T) {
	t.Parallel()
	s := &server{}
	client := open(t, "", embedtest.Serve(t, s).URL, hang)
	long := strings.Repeat("Fishing quotas were cut again. ", 50)
	if _, err := client.Rerank(t.Context(), long, []string{"short", long, ""}); err != nil {
		t.Fatal(err)
	}
	q := s.asked[0]
	if q.Documents[0] != "short" || q.Documents[2] != "" || len(q.Documents) != 3 {
		t.Errorf("texts %q", q.Documents)
	}
	for _, cut := range []string{q.Query, q.Documents[1]} {
		if !strings.HasPrefix(long, cut) || len(cut) < len("Fishing quotas") || len(cut) > 300 {
			t.Errorf("cut to %q", cut)
		}
	}
}

// TestFaults checks how the client handles invalid answers, and that it returns in
// time.
func TestFaults(t *testing.T) {
	t.Parallel()
	const good = `{"index":0,"relevance_score":1},{"index":1,"relevance_score":2}`
	for _, test := range []struct {
		what    string
		handler http.Handler
		want    error  // error that is wrapped
		says    string // part of the message
	}{
		{"too few", results(`{"index":0,"relevance_score":1}`), driver.ErrMalformed, "1 scores for 2 texts"},
		{"too many", results(good + `,{"index":1,"relevance_score":2}`), driver.ErrMalformed, "3 scores for 2 texts"},
		{"one twice", results(`{"index":0,"relevance_score":1},{"index":0,"relevance_score":2}`), driver.ErrMalformed, "occurs twice"},
		{"out of range", results(`{"index":0,"relevance_score":1},{"index":2,"relevance_score":2}`), driver.ErrMalformed, "no index between 0 and 1"},
		{"negative", results(`{"index":0,"relevance_score":1},{"index":-1,"relevance_score":2}`), driver.ErrMalformed, "no index between 0 and 1"},
		{"without index", results(`{"index":0,"relevance_score":1},{"relevance_score":2}`), driver.ErrMalformed, "no index"},
		{"null", results(`{"index":0,"relevance_score":1},{"index":1,"relevance_score":null}`), driver.ErrMalformed, "not finite"},
		{"without score", results(`{"index":0,"relevance_score":1},{"index":1,"score":2}`), driver.ErrMalformed, "not finite"},
		{"beyond float32", results(`{"index":0,"relevance_score":1},{"index":1,"relevance_score":-1e39}`), driver.ErrMalformed, "not finite"},
		{"NaN", results(`{"index":0,"relevance_score":NaN},{"index":1,"relevance_score":1}`), driver.ErrMalformed, "invalid character"},
		{"other format", embedtest.Answer(http.StatusOK, `[{"index":0,"score":1}]`), driver.ErrMalformed, "cannot unmarshal"},
		{"no JSON", embedtest.Answer(http.StatusOK, "<html>"), driver.ErrMalformed, "<html>"},
		{"endless", embedtest.Huge(), driver.ErrMalformed, "more than"},
		{"wrong key", embedtest.Answer(http.StatusUnauthorized, `no such key sk-value`), nil, "401"},
		{"too long", embedtest.Answer(http.StatusRequestEntityTooLarge, ""), nil, "413"},
		{"failing", embedtest.Answer(http.StatusInternalServerError, "input is too large"), nil, "input is too large"},
		{"overloaded", embedtest.Answer(http.StatusTooManyRequests, "busy"), nil, "429"},
		{"reset", embedtest.Reset(), nil, "EOF"},
		{"hangs", embedtest.Hang(), context.DeadlineExceeded, "deadline"},
		{"drips", embedtest.Drip(), nil, ""}, // ends at the timeout or at the size limit
		{"redirects", http.RedirectHandler("http://nobody.invalid", http.StatusFound), nil, "302"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), hang)
			defer cancel()
			scores, err := open(t, "", embedtest.Serve(t, test.handler).URL, time.Second).Rerank(ctx, "who?", []string{"1", "2"})
			var failure *driver.Error
			if !errors.As(err, &failure) || scores != nil || ctx.Err() != nil {
				t.Fatalf("scores %v, error %v; want a *driver.Error in time", scores, err)
			}
			if test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "sk-value") {
				t.Errorf("error %v, want %v that says %q and no key", err, test.want, test.says)
			}
		})
	}
}

// TestRetry checks that an overloaded server is asked once more if there is time.
func TestRetry(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what     string
		refusals int64
		status   int
		after    string
		requests int64
		ok       bool
	}{
		{"once", 1, http.StatusTooManyRequests, "", 2, true},
		{"loading", 1, http.StatusServiceUnavailable, "1", 2, true},
		{"twice", 2, http.StatusServiceUnavailable, "", 2, false},
		{"for longer than there is time", 1, http.StatusTooManyRequests, "3600", 1, false},
		{"permanent", 1, http.StatusUnprocessableEntity, "", 1, false},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			s := &server{}
			refusing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) > test.refusals {
					s.ServeHTTP(w, r)
					return
				}
				embedtest.Answer(test.status, "", "Retry-After", test.after).ServeHTTP(w, r)
			})
			_, err := open(t, "", embedtest.Serve(t, refusing).URL, hang).Rerank(t.Context(), "who?", []string{"1"})
			if (err == nil) != test.ok || requests.Load() != test.requests {
				t.Errorf("%d requests, error %v", requests.Load(), err)
			}
		})
	}
}

// TestHalfOfTheDeadline checks that callers have time left to answer without scores.
func TestHalfOfTheDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	_, err := open(t, "tei+", embedtest.Serve(t, embedtest.Hang()).URL, time.Hour).Rerank(ctx, "who?", []string{"1"})
	if err == nil || ctx.Err() != nil {
		t.Errorf("error %v, and the caller's: %v", err, ctx.Err())
	}
}

// TestInFlight checks the bound of concurrent requests.
func TestInFlight(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	s := &server{batch: 1}
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/rerank") {
			n := now.Add(1)
			for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
			}
			defer now.Add(-1)
			time.Sleep(time.Millisecond)
		}
		s.ServeHTTP(w, r)
	})
	client := open(t, "tei+", embedtest.Serve(t, slow).URL, hang)
	texts, _ := numbers(30)
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			if _, err := client.Rerank(t.Context(), "who?", texts); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if most.Load() > 4 {
		t.Errorf("%d requests at once", most.Load())
	}
}

// TestBusy checks the error of a call that does not get its turn in time.
func TestBusy(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 4)
	s := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		embedtest.Hang().ServeHTTP(w, r)
	}))
	client := open(t, "", s.URL, hang)
	ctx, cancel := context.WithCancel(t.Context())
	var holders sync.WaitGroup
	for range cap(arrived) {
		holders.Go(func() { _, _ = client.Rerank(ctx, "who?", []string{"1"}) })
	}
	for range cap(arrived) {
		<-arrived
	}
	short, cancelShort := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancelShort()
	if _, err := client.Rerank(short, "who?", []string{"1"}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "busy with 4 earlier requests") {
		t.Errorf("error %v", err)
	}
	cancel()
	holders.Wait()
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for raw, says := range map[string]string{
		"http://host:8000": "", "https://host/v1": "", "tei+https://host": "", "cohere+https://host/v2": "", "infinity+https://host": "",
		"ftp://host": `scheme "ftp"`, "triton+http://host": "infinity+http(s)://", "host:8000": "scheme", "http://": "no host", "tei+http:///x": "no host", "http://u:s3cret@host:port/": "not a URL", "": "scheme",
	} {
		_, err := rerank.Open(rerank.Config{URL: raw})
		if (err == nil) != (says == "") || err != nil && (!strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("%q: error %v, want one that says %q", raw, err, says)
		}
	}
}
