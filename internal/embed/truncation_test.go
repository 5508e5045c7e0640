package embed

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
)

// cutting is a server that reads only the first words of a text.
type cutting struct {
	words   int
	counts  bool // whether it reports how many tokens it read
	refuses bool // whether it answers 400 instead
}

func (s cutting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req embedtest.Request
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&req) != nil {
		embedtest.Answer(200, `{"data":[{"id":"m"}]}`).ServeHTTP(w, r)
		return
	}
	var data []any
	tokens := 0
	for i, text := range req.Input {
		words := strings.Fields(text)
		if len(words) > s.words {
			if s.refuses {
				embedtest.Answer(400, "the input length exceeds the context length").ServeHTTP(w, r)
				return
			}
			words = words[:s.words]
		}
		tokens += len(words)
		data = append(data, map[string]any{"index": i, "embedding": embedtest.Vector(strings.Join(words, " "), 64)})
	}
	answer := map[string]any{"data": data, "model": "m"}
	if s.counts {
		answer["usage"] = map[string]int{"prompt_tokens": tokens}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func TestLimitsAreFound(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		server cutting
		told   driver.Limits
		least  int // bounds of the limit that must be found
		most   int
		silent bool
		sends  bool // whether a text of twice that length is sent
	}{
		{name: "reads all", server: cutting{words: 5000}, least: 510, most: 510, sends: true},
		{name: "cuts beyond the model's limit", server: cutting{words: 515}, least: 510, most: 510, silent: true},
		{name: "cuts below the model's limit", server: cutting{words: 200}, least: 185, most: 200, silent: true},
		{name: "cuts and reports its count", server: cutting{words: 200, counts: true}, least: 185, most: 200, silent: true},
		{name: "refuses", server: cutting{words: 200, refuses: true}, least: 185, most: 200, sends: true},
		{name: "reports its limit", server: cutting{words: 5000}, told: driver.Limits{MaxTokens: 256}, least: 254, most: 254, sends: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := open(t, Config{URL: embedtest.Serve(t, tc.server).URL})
			e, err := c.ownEncoder(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			e.conn.limits = tc.told
			got, err := e.MaxTokens(t.Context())
			if err != nil || got < tc.least || got > tc.most {
				t.Fatalf("got %d tokens, error %v, want %d to %d", got, err, tc.least, tc.most)
			}
			info, err := c.Describe(t.Context())
			if err != nil || info.MaxTokens != got || info.CutsInSilence != tc.silent {
				t.Errorf("got %+v, error %v, want %d tokens, cut in silence: %v", info, err, got, tc.silent)
			}
			long := probeTexts(2 * got)[0]
			embeddings, err := e.EmbedPassages(t.Context(), []string{"short", long, probeTexts(got)[1]})
			if err != nil {
				t.Fatal(err)
			}
			if embeddings[0].Vector == nil || embeddings[2].Vector == nil {
				t.Errorf("texts that fit have no vectors")
			}
			want := document.FailureTruncated
			if tc.server.refuses {
				want = document.FailureRejected
			}
			switch failure := embeddings[1].Failure; {
			case tc.sends && !tc.server.refuses:
				if failure != nil {
					t.Errorf("a text that is read whole failed: %+v", failure)
				}
			case failure == nil || failure.Reason != want:
				t.Errorf("got failure %+v of a text that is too long, want %s", failure, want)
			}
		})
	}
}

// A server that reads almost nothing of a text is rejected.
func TestReadsNothing(t *testing.T) {
	t.Parallel()
	c := open(t, Config{URL: embedtest.Serve(t, cutting{words: 3}).URL})
	if _, err := c.EmbedPassages(t.Context(), []string{"p"}); !errors.Is(err, ErrBadVectors) || !strings.Contains(err.Error(), "not even a text of") {
		t.Errorf("got error %v, want %v", err, ErrBadVectors)
	}
}

// If a server reports how many tokens it read, a short text that it did not read whole gets
// a failure.
func TestCountsTellTruncation(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	measure(t, c)
	e, err := c.ownEncoder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"one two three", "four five six seven eight nine ten eleven twelve", "thirteen"}
	count := func(few int) http.Handler {
		good := &embedtest.Server{Model: "first", Dimensions: 8}
		return &fussy{next: good, fault: func(sent []string) http.Handler {
			if !slices.Contains(sent, texts[1]) {
				return nil
			}
			data, _ := json.Marshal(map[string]any{"model": "first", "usage": map[string]int{"prompt_tokens": few}, "data": []any{}})
			vectors := make([]string, len(sent))
			for i := range sent {
				vectors[i] = fmt.Sprintf(`{"index":%d,"embedding":[1,0,0,0,0,0,0,0]}`, i)
			}
			return embedtest.Answer(200, strings.Replace(string(data), "[]", "["+strings.Join(vectors, ",")+"]", 1))
		}}
	}
	for tokens, failed := range map[int]bool{5: true, 20: false, 0: false} {
		server.to(count(tokens))
		got, err := e.EmbedPassages(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		if failure := got[1].Failure; (failure != nil) != failed || failed && failure.Reason != document.FailureTruncated {
			t.Errorf("%d tokens read: got failure %+v, want one: %v", tokens, failure, failed)
		}
		if got[0].Failure != nil || got[2].Failure != nil {
			t.Errorf("%d tokens read: the other texts failed", tokens)
		}
	}
}

func TestLeastTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, " — … ": 0, "one": 1, "one two,three": 2, "数字经济": 1, "中华人民共和国中华人民共和国 2031": 2, "ประเทศไทยประเทศไทยประเทศไทย": 2,
	} {
		if got := leastTokens(text); got != want {
			t.Errorf("leastTokens(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestProbeTexts(t *testing.T) {
	t.Parallel()
	for _, n := range []int{16, 507, 2046} {
		texts := probeTexts(n)
		for _, text := range texts {
			if got := len(strings.Fields(text)); got != n {
				t.Errorf("%d words, want %d", got, n)
			}
		}
		if diff := cmp.Diff(texts, probeTexts(n)); diff != "" || texts[0] == texts[1] {
			t.Errorf("probe texts are not two, always the same:\n%s", diff)
		}
		if math.Abs(1-cosine(embedtest.Vector(texts[0], 384), embedtest.Vector(texts[1], 384))) < 1e-4 {
			t.Errorf("%d tokens: the ending does not show", n)
		}
	}
}
