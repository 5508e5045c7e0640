package openai

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
)

func TestParseEmbeddings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		want       driver.Response
		problem    string // part of the error, or empty if there is none
	}{
		{
			name: "order is that of index",
			body: `{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}],"model":"m","usage":{"prompt_tokens":9}}`,
			want: driver.Response{Vectors: [][]float32{{1, 2}, {3, 4}}, Model: "m", Tokens: 9},
		},
		{
			name: "no usage, no model",
			body: `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}],"usage":null}`,
			want: driver.Response{Vectors: [][]float32{{1}, {2}}},
		},
		{name: "too few", body: `{"data":[{"index":0,"embedding":[1]}]}`, problem: "1 vectors for 2 texts"},
		{name: "too many", body: `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]},{"index":2,"embedding":[1]}]}`, problem: "3 vectors for 2 texts"},
		{name: "an error under status 200", body: `{"error":{"message":"overloaded"}}`, problem: "0 vectors for 2 texts"},
		{name: "same index twice", body: `{"data":[{"index":1,"embedding":[1]},{"index":1,"embedding":[1]}]}`, problem: "index 1 occurs twice"},
		{name: "no index", body: `{"data":[{"embedding":[1]},{"index":1,"embedding":[1]}]}`, problem: "data[0] has no index"},
		{name: "index out of range", body: `{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}`, problem: "data[1] has no index"},
		{name: "negative index", body: `{"data":[{"index":-1,"embedding":[1]},{"index":1,"embedding":[1]}]}`, problem: "data[0] has no index"},
		{name: "NaN", body: `{"data":[{"index":0,"embedding":[NaN]},{"index":1,"embedding":[1]}]}`, problem: "not a JSON answer"},
		{name: "null number", body: `{"data":[{"index":0,"embedding":[1,null]},{"index":1,"embedding":[1]}]}`, problem: "holds null"},
		{name: "null vector", body: `{"data":[{"index":0,"embedding":null},{"index":1,"embedding":[1]}]}`, problem: "data[0].embedding: missing"},
		{name: "no vector", body: `{"data":[{"index":0},{"index":1,"embedding":[1]}]}`, problem: "data[0].embedding: missing"},
		{name: "beyond float32", body: `{"data":[{"index":0,"embedding":[1e39]},{"index":1,"embedding":[1]}]}`, problem: "1e39"},
		{
			name: "base64", body: `{"data":[{"index":0,"embedding":"AACAPwAAAMA="},{"index":1,"embedding":[1,2]}]}`,
			want: driver.Response{Vectors: [][]float32{{1, -2}, {1, 2}}},
		},
		{name: "cut base64", body: `{"data":[{"index":0,"embedding":"AACA"},{"index":1,"embedding":[1]}]}`, problem: "3 bytes"},
		{name: "no base64", body: `{"data":[{"index":0,"embedding":"a vector"},{"index":1,"embedding":[1]}]}`, problem: "illegal base64"},
		{name: "trailing text", body: `{"data":[]} and more`, problem: "not a JSON answer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseEmbeddings([]byte(tc.body), 2)
			if tc.problem == "" {
				if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
					t.Errorf("error %v, response (-want +got):\n%s", err, diff)
				}
				return
			}
			if !errors.Is(err, driver.ErrMalformed) || !strings.Contains(err.Error(), tc.problem) {
				t.Errorf("got error %v, want %v with %q", err, driver.ErrMalformed, tc.problem)
			}
		})
	}
}

func FuzzParseEmbeddings(f *testing.F) {
	f.Add([]byte(`{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}],"model":"m","usage":{"prompt_tokens":9}}`), 2)
	f.Add([]byte(`{"data":[{"index":0,"embedding":[]}]}`), 1)
	f.Add([]byte(`{"data":[{"index":0,"embedding":"AACAPw=="}]}`), 1)
	f.Add([]byte(`{"data":[null]}`), 1)
	f.Add([]byte(`[]`), 0)
	f.Fuzz(func(t *testing.T, body []byte, n int) {
		if n < 0 || n > 100 {
			t.Skip()
		}
		resp, err := parseEmbeddings(body, n)
		if err != nil {
			if !errors.Is(err, driver.ErrMalformed) {
				t.Errorf("got error %v, want %v", err, driver.ErrMalformed)
			}
			return
		}
		if len(resp.Vectors) != n {
			t.Errorf("got %d vectors for %d texts", len(resp.Vectors), n)
		}
		for i, vector := range resp.Vectors {
			if vector == nil {
				t.Errorf("vector %d is missing", i)
			}
		}
	})
}
