package main

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestHTTPBatches: batch searches and batch reads of passages work over HTTP.
func TestHTTPBatches(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	w.want(t, http.StatusOK, http.MethodPut, webNote, `{"text":"The bridge opens in May.\n\nThe port is closed.","languageCode":"en"}`)
	var found accordv1.BatchSearchResponse
	body := w.want(t, http.StatusOK, http.MethodPost, webDocuments+":batchSearch", `{"requests":[{"query":"bridge","pageSize":1},{"query":"","pageSize":-1}]}`)
	if err := protojson.Unmarshal([]byte(body), &found); err != nil || len(found.GetAnswers()) != 2 {
		t.Fatalf("%s: %v", body, err)
	}
	if results := found.GetAnswers()[0].GetResponse().GetResults(); len(results) != 1 || results[0].GetPassage().GetText() != "The bridge opens in May." {
		t.Errorf("the first answer: %v", found.GetAnswers()[0])
	}
	if failed := found.GetAnswers()[1].GetStatus(); len(failed.GetDetails()) != 2 || !strings.Contains(failed.GetMessage(), "page_size") {
		t.Errorf("the second answer: %v", found.GetAnswers()[1])
	}
	const passages = "/v1/collections/default/passages:batchGet?names=collections/default/documents/note/passages/"
	var got accordv1.BatchGetPassagesResponse
	body = w.want(t, http.StatusOK, http.MethodGet, passages+"1", "")
	if err := protojson.Unmarshal([]byte(body), &got); err != nil || len(got.GetPassages()) != 1 || got.GetPassages()[0].GetText() != "The port is closed." {
		t.Errorf("passages %s: %v", body, err)
	}
	w.want(t, http.StatusNotFound, http.MethodGet, passages+"2", "")
}
