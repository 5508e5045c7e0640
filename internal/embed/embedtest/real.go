package embedtest

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/embed/driver"
)

// minCosine is the minimum cosine between the vectors of a text alone and in a batch. In a
// batch, a server adds numbers in another order and may round them.
const minCosine = 0.999

// RunReal checks a driver against a real server. model may be empty if the server does
// not need it.
func RunReal(t *testing.T, d driver.Driver, model string) {
	info, err := d.Describe(t.Context(), model)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Models) == 0 || info.Models[0].ID == "" {
		t.Fatalf("the description has no model: %+v", info)
	}
	if model == "" {
		model = info.Models[0].ID
	}
	t.Logf("description: %+v", info)
	r := real{d, model}
	t.Run("order and batches", r.keepsOrder)
	t.Run("concurrent callers", r.servesConcurrently)
	t.Run("tokens", r.reportsTokens)
	t.Run("long text", func(t *testing.T) { r.reportsLongTexts(t, info.Limits.MaxTokens) })
}

type real struct {
	driver driver.Driver
	model  string
}

func (r real) embed(t *testing.T, texts ...string) driver.Response {
	t.Helper()
	resp, err := r.driver.Embed(t.Context(), driver.Request{Model: r.model, Texts: texts, Input: driver.Passage})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Vectors) != len(texts) {
		t.Fatalf("%d vectors for %d texts", len(resp.Vectors), len(texts))
	}
	return resp
}

// samples are unrelated texts of several lengths and languages.
var samples = []string{
	"The two sides agreed to deepen cooperation in the digital economy.",
	"双方同意深化数字经济领域合作。",
	"Les deux parties ont signé un accord.",
	"Rice prices rose in March, while those of wheat fell for the third month in a row, according to the ministry of agriculture.",
	"Das Abkommen tritt am 1. Januar in Kraft.",
	"Article 7",
	"الاتفاق ساري المفعول لمدة خمس سنوات",
	"The museum opens at nine and closes at five; on Mondays it is closed.",
}

func (r real) keepsOrder(t *testing.T) {
	together := r.embed(t, samples...).Vectors
	for i, text := range samples {
		alone := r.embed(t, text).Vectors[0]
		if got := cosine(together[i], alone); got < minCosine {
			t.Errorf("%q: cosine of its vectors alone and among %d is %v", text, len(samples), got)
		}
		if other := cosine(together[(i+1)%len(samples)], alone); other >= minCosine {
			t.Errorf("%q: cosine with the vector of another text is %v", text, other)
		}
	}
}

func (r real) servesConcurrently(t *testing.T) {
	want := r.embed(t, samples...).Vectors
	var wg sync.WaitGroup
	for i, text := range samples {
		wg.Go(func() {
			resp, err := r.driver.Embed(t.Context(), driver.Request{Model: r.model, Texts: []string{text}, Input: driver.Passage})
			if err != nil {
				t.Error(err)
				return
			}
			if got := cosine(want[i], resp.Vectors[0]); got < minCosine {
				t.Errorf("%q: cosine of its vectors alone and among others is %v", text, got)
			}
		})
	}
	wg.Wait()
}

// reportsTokens checks a server that reports tokens: more words must give more tokens, and
// two texts must give the sum of both.
func (r real) reportsTokens(t *testing.T) {
	short, long := samples[5], samples[3]
	few, many := r.embed(t, short).Tokens, r.embed(t, long).Tokens
	if few == 0 && many == 0 {
		t.Skip("the server reports no tokens")
	}
	both := r.embed(t, short, long).Tokens
	if words := len(strings.Fields(long)); few < 2 || many < words || many > 4*words || both < many+1 {
		t.Errorf("%d tokens for %q, %d for %q, %d for both", few, short, many, long, both)
	}
}

// reportsLongTexts checks that a text over the limit is either refused or counted, so
// that truncation can be noticed.
func (r real) reportsLongTexts(t *testing.T, limit int) {
	if limit == 0 {
		limit = 512
	}
	text := strings.Repeat("agreement ", 2*limit)
	resp, err := r.driver.Embed(t.Context(), driver.Request{Model: r.model, Texts: []string{text}, Input: driver.Passage})
	if err == nil {
		if resp.Tokens == 0 {
			t.Errorf("a text of %d words is accepted without a count of tokens", 2*limit)
		}
		t.Logf("a text of %d words is accepted as %d tokens", 2*limit, resp.Tokens)
		return
	}
	var failure *driver.Error
	if !errors.As(err, &failure) || failure.Status < 400 || failure.Status >= 500 || failure.Temporary {
		t.Errorf("got error %v, want a permanent error with a status from 400 to 499", err)
	}
	t.Log(fmt.Sprintf("a text of %d words is refused: ", 2*limit), err)
}

func cosine(a, b []float32) float64 {
	var dot, aa, bb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(aa*bb)
}
