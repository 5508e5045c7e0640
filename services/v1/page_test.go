package v1_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func TestListDocumentsPages(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.createCollection(t, "other")
	var want []string
	for i := range 5 {
		d := s.upsert(t, &accordv1.Document{Name: name(fmt.Sprintf("d%d", i)), LanguageCode: "en", Text: "Text."}).GetDocument()
		want = append(want, d.GetName())
	}
	english := &accordv1.Filter{Languages: []string{"en"}}
	for size, pages := range map[int32]int{0: 1, 1: 5, 2: 3, 5: 1, 1 << 30: 1} {
		var got []string
		token, seen := "", 0
		for {
			resp, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{PageSize: size, PageToken: token, Filter: english})
			if err != nil {
				t.Fatal(err)
			}
			seen++
			for _, d := range resp.GetDocuments() {
				got = append(got, d.GetName())
			}
			if token = resp.GetNextPageToken(); token == "" {
				break
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" || seen != pages {
			t.Errorf("page_size %d: %d pages, want %d (-want +got):\n%s", size, seen, pages, diff)
		}
	}

	first, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{PageSize: 1, Filter: english})
	if err != nil {
		t.Fatal(err)
	}
	for what, req := range map[string]*accordv1.ListDocumentsRequest{
		"other filter":     {PageToken: first.GetNextPageToken(), Filter: &accordv1.Filter{Languages: []string{"es"}}},
		"no filter":        {PageToken: first.GetNextPageToken()},
		"other collection": {PageToken: first.GetNextPageToken(), Filter: english, Parent: "collections/other"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := s.search.ListDocuments(callContext(t), req)
			checkFailure(t, err, invalid("page_token"))
		})
	}
	resumed, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{
		PageToken: first.GetNextPageToken(), Filter: english, Parent: "collections/default", PageSize: 100,
	})
	if err != nil || len(resumed.GetDocuments()) != 4 {
		t.Errorf("default collection by name, with another page size: %d documents, error %v", len(resumed.GetDocuments()), err)
	}
}

// TestListDocumentsPagesEndByBytes: a page of documents with long metadata ends early,
// so that a client with gRPC's default limit can read it.
func TestListDocumentsPagesEndByBytes(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	metadata := map[string]string{}
	for i := range 64 {
		metadata[fmt.Sprintf("key%d", i)] = strings.Repeat("文", 4096)
	}
	const documents = 6 // each has 0.8 MB
	for i := range documents {
		s.upsert(t, &accordv1.Document{Name: name(fmt.Sprintf("d%d", i)), LanguageCode: "en", Text: "Text.", Metadata: metadata})
	}
	seen := 0
	for token, first := "", true; first || token != ""; first = false {
		page, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		seen += len(page.GetDocuments())
		token = page.GetNextPageToken()
	}
	if seen != documents {
		t.Errorf("pages hold %d documents, want %d", seen, documents)
	}
}

func TestListCollectionsPages(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for _, id := range []string{"c", "a", "b"} {
		s.createCollection(t, id)
	}
	var got []string
	token := ""
	for {
		resp, err := s.collections.ListCollections(callContext(t), &accordv1.ListCollectionsRequest{PageSize: 2, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range resp.GetCollections() {
			got = append(got, c.GetName())
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	if diff := gocmp.Diff([]string{"collections/a", "collections/b", "collections/c"}, got); diff != "" {
		t.Errorf("collections (-want +got):\n%s", diff)
	}
}

func TestForeignPageTokens(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.createCollection(t, "default")
	for _, id := range []string{"a", "b"} {
		s.upsert(t, &accordv1.Document{Name: name(id), LanguageCode: "en", Text: "Text."})
	}
	documents, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	for what, token := range map[string]string{
		"no base64":   "!!!",
		"garbage":     encode([]byte("garbage")),
		"empty":       encode([]byte{0x0a, 0}),
		"old version": encode([]byte(`{"v":1,"a":"a","b":"b"}`)),
		"cut":         documents.GetNextPageToken()[:5],
		"too long":    strings.Repeat("A", 1001),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{PageToken: token})
			checkFailure(t, err, invalid("page_token"))
			_, err = s.collections.ListCollections(callContext(t), &accordv1.ListCollectionsRequest{PageToken: token})
			checkFailure(t, err, invalid("page_token"))
		})
	}
	_, err = s.collections.ListCollections(callContext(t), &accordv1.ListCollectionsRequest{PageToken: documents.GetNextPageToken()})
	checkFailure(t, err, invalid("page_token"))
}
