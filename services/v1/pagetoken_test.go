package v1

import (
	"encoding/base64"
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
	pagetokenv1 "github.com/accord-search/accord/proto/accord/pagetoken/v1"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestForeignTokens: a token of another version, another kind of list or another request is
// refused, and so is every string that is not a token.
func TestForeignTokens(t *testing.T) {
	t.Parallel()
	s := newServices(t)
	envelope := func(change func(*pagetokenv1.PageToken)) string {
		opened, err := openToken(encodeToken(&pagetokenv1.ListPage{After: "a"}, testBinding, 0))
		if err != nil {
			t.Fatal(err)
		}
		change(opened)
		encoded, err := proto.Marshal(opened)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(encoded)
	}
	for what, test := range map[string]struct {
		token string
		want  error
	}{
		"as it is":        {envelope(func(*pagetokenv1.PageToken) {}), nil},
		"version before":  {envelope(func(e *pagetokenv1.PageToken) { e.Version-- }), errForeign},
		"version after":   {envelope(func(e *pagetokenv1.PageToken) { e.Version++ }), errForeign},
		"no binding":      {envelope(func(e *pagetokenv1.PageToken) { e.Binding = nil }), errForeign},
		"another binding": {envelope(func(e *pagetokenv1.PageToken) { e.Binding[0]++ }), errUnbound},
		"no checksum":     {envelope(func(e *pagetokenv1.PageToken) { e.Checksum = 0 }), errDamaged},
		"another place":   {envelope(func(e *pagetokenv1.PageToken) { e.Position++ }), errDamaged},
		"no page":         {sealToken(nil, testBinding, 0), errDamaged},
		"no id":           {encodeToken(&pagetokenv1.ListPage{After: "\x00"}, testBinding, 0), errDamaged},
		"not base64":      {"!!!", errForeign},
		"version 1":       {base64.RawURLEncoding.EncodeToString([]byte(`{"v":1,"a":"a","b":"b"}`)), errForeign},
		"version 6":       {base64.RawURLEncoding.EncodeToString(append([]byte{6}, testBinding...)), errForeign},
	} {
		after, err := s.listAfter(test.token, testBinding)
		if !errors.Is(err, test.want) || (err == nil) != (after == "a") {
			t.Errorf("%s: after %q, error %v, want %v", what, after, err, test.want)
		}
	}
	kinds := [][]byte{
		binding("documents", "a", nil), binding("spaces", "a", nil), binding("documents", "b", nil),
		binding("documents", "a", &accordv1.Filter{Languages: []string{"en"}}), searchBinding(&accordv1.SearchRequest{Parent: "collections/a"}),
	}
	for i, issued := range kinds {
		for j, asked := range kinds {
			if _, err := s.listAfter(encodeToken(&pagetokenv1.ListPage{After: "a"}, issued, 0), asked); (err == nil) != (i == j) {
				t.Errorf("token of list %d for list %d: error %v", i, j, err)
			}
		}
	}
}

// FuzzTokens: whatever a caller sends as a token is either refused as an invalid field or
// has valid contents.
func FuzzTokens(f *testing.F) {
	s := newServices(f)
	f.Add(encodeToken(&pagetokenv1.ListPage{After: "a"}, testBinding, 1))
	f.Add(encodeList(usualList(2), 0, testBinding, 1<<35))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		foundAt(token)
		var fault *document.FieldError
		if after, err := s.listAfter(token, testBinding); err != nil && !errors.As(err, &fault) || err == nil && token != "" && !document.ValidID(after) {
			t.Errorf("after %q, error %v", after, err)
		}
		if list, err := s.decodeList(token, testBinding); err != nil && !errors.As(err, &fault) || err == nil && (list == nil) != (token == "") {
			t.Errorf("list %v, error %v", list, err)
		}
	})
}
