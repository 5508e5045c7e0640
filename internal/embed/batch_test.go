package embed

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/chunk"
)

func TestPrepare(t *testing.T) {
	t.Parallel()
	got, err := prepare([]string{"a", "数字"}, "query: ")
	if diff := cmp.Diff([]string{"query: a", "query: 数字"}, got); err != nil || diff != "" {
		t.Errorf("error %v, texts (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{"", "a\x00b", "a\xffb"} {
		if _, err := prepare([]string{"a", bad}, ""); !errors.Is(err, ErrInvalidText) || !strings.Contains(err.Error(), "text 2 of 2") {
			t.Errorf("prepare(%q): got error %v, want %v about text 2", bad, err, ErrInvalidText)
		}
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		texts string // each letter is a text whose length is its position in the alphabet
		want  string
	}{
		{"none", "", ""},
		{"one", "a", "a"},
		{"by inputs", "aaaaaaa", "aaa aaa a"},
		{"by bytes", "efgcca", "e f gc ca"},
		{"exactly", "ed j", "ed j"},
		{"over the limit alone", "azab", "a z ab"},
		{"by tokens", "rar", "r a r"},
	} {
		var texts, got []string
		for _, letter := range strings.ReplaceAll(tc.texts, " ", "") {
			texts = append(texts, strings.Repeat(string(letter), int(letter-'a')+1))
		}
		next := 0
		for start, batch := range batches(texts, batchLimits{inputs: 3, bytes: 10, tokens: 4}) {
			if start != next {
				t.Errorf("%s: batch starts at %d, want %d", tc.name, start, next)
			}
			next += len(batch)
			letters := slices.Collect(func(yield func(string) bool) {
				for _, text := range batch {
					yield(text[:1])
				}
			})
			got = append(got, strings.Join(letters, ""))
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func FuzzBatches(f *testing.F) {
	f.Add("a b  c", 2, 3, 4)
	f.Fuzz(func(t *testing.T, words string, maxInputs, maxBytes, maxTokens int) {
		if min(maxInputs, maxBytes, maxTokens) < 1 {
			t.Skip()
		}
		texts := strings.Split(words, " ")
		var all []string
		for start, batch := range batches(texts, batchLimits{maxInputs, maxBytes, maxTokens}) {
			if start != len(all) || len(batch) == 0 || len(batch) > maxInputs {
				t.Fatalf("batch of %d texts at %d, after %d texts", len(batch), start, len(all))
			}
			if size := len(strings.Join(batch, "")); size > maxBytes && len(batch) > 1 {
				t.Fatalf("batch of %d texts is %d bytes", len(batch), size)
			}
			tokens := 0
			for _, text := range batch {
				tokens += chunk.EstimateTokens(text)
			}
			if tokens > maxTokens && len(batch) > 1 {
				t.Fatalf("batch of %d texts has %d tokens", len(batch), tokens)
			}
			all = append(all, batch...)
		}
		if diff := cmp.Diff(texts, all); diff != "" {
			t.Fatalf("texts (-want +got):\n%s", diff)
		}
	})
}
