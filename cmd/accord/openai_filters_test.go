package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// storeFilters are filters in OpenAI's shape, and the files that pass them.
var storeFilters = map[string]string{
	``: "a b c d",
	`{"type":"eq","key":"topic","value":"trade"}`:                                                                                            "a b",
	`{"type":"eq","key":"accord.language","value":"zh"}`:                                                                                     "d",
	`{"type":"in","key":"accord.language","value":["zh","es"]}`:                                                                              "c d",
	`{"type":"in","key":"accord.source","value":["Wire","Post"]}`:                                                                            "a c",
	`{"type":"eq","key":"accord.document","value":"b"}`:                                                                                      "b",
	`{"type":"in","key":"accord.kind","value":["article","caption"]}`:                                                                        "",
	`{"type":"gte","key":"accord.publish_time","value":"2024-01-02"}`:                                                                        "b c",
	`{"type":"gt","key":"accord.publish_time","value":"2024-01-02T00:00:00Z"}`:                                                               "c",
	`{"type":"lte","key":"accord.publish_time","value":1704153600}`:                                                                          "a b", // 2024-01-02
	`{"type":"lt","key":"accord.publish_time","value":"2024-01-02"}`:                                                                         "a",
	`{"type":"and","filters":[{"type":"eq","key":"topic","value":"trade"},{"type":"gte","key":"accord.publish_time","value":"2024-01-02"}]}`: "b",
	`{"type":"ne","key":"topic","value":"trade"}`:                                                                                            "c d",
	`{"type":"in","key":"topic","value":["trade","ports"]}`:                                                                                  "a b c",
	`{"type":"nin","key":"topic","value":["trade","ports"]}`:                                                                                 "d",
	`{"type":"eq","key":"pages","value":9}`:                                                                                                  "a",
	`{"type":"eq","key":"draft","value":true}`:                                                                                               "b",
	`{"type":"gt","key":"pages","value":9}`:                                                                                                  "b",
	`{"type":"lte","key":"pages","value":10}`:                                                                                                "a b",
	`{"type":"lt","key":"signed","value":"2023-06-01"}`:                                                                                      "c",
	`{"type":"gte","key":"topic","value":1}`:                                                                                                 "",
	`{"type":"ne","key":"accord.source","value":"Wire"}`:                                                                                     "b c d",
	`{"type":"or","filters":[{"type":"eq","key":"topic","value":"ports"},{"type":"and","filters":[{"type":"eq","key":"topic","value":"trade"},{"type":"gte","key":"pages","value":10}]}]}`:        "b c",
	`{"type":"and","filters":[{"type":"eq","key":"accord.language","value":"en"},{"type":"or","filters":[{"type":"eq","key":"draft","value":"true"},{"type":"eq","key":"pages","value":"12"}]}]}`: "b",
}

// TestStoreFilters: each filter lets exactly its files through.
func TestStoreFilters(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	for id, fields := range map[string]string{
		"a": `"languageCode":"en","source":"Wire","publishTime":"2024-01-01T00:00:00Z","metadata":{"topic":"trade","pages":"9"}`,
		"b": `"languageCode":"en","publishTime":"2024-01-02T00:00:00Z","metadata":{"topic":"trade","pages":"10","draft":"true"}`,
		"c": `"languageCode":"es","source":"Post","publishTime":"2024-01-03T00:00:00Z","metadata":{"topic":"ports","signed":"2023-05-06"}`,
		"d": `"languageCode":"zh"`,
	} {
		w.want(t, http.StatusOK, http.MethodPut, webDocuments+"/"+id, `{"text":"Chancay 2024.",`+fields+`}`)
	}
	for filter, want := range storeFilters {
		body := `{"query":"Chancay 2024"}`
		if filter != "" {
			body = fmt.Sprintf(`{"query":"Chancay 2024","filters":%s}`, filter)
		}
		var ids []string
		for _, r := range w.ask(t, body) {
			ids = append(ids, r.FileID)
		}
		slices.Sort(ids)
		if diff := cmp.Diff(want, strings.Join(ids, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filter, diff)
		}
	}
	for _, filter := range []string{
		`{}`, `[]`, `"x"`, `5`, `{"type":"and","filters":[]}`, `{"type":"eq","key":"a"}`, `{"type":"like","key":"a","value":"b"}`, `{"type":"eq","key":"a","value":{"b":1}}`,
		`{"type":"eq","key":"a","value":"b","filters":[]}`, `{"type":"in","key":"a","value":[]}`, `{"type":"eq","key":"accord.kind","value":"poem"}`,
		`{"type":"gt","key":"accord.publish_time","value":"May"}`, `{"type":"eq","key":"accord.publish_time","value":"2024-01-01"}`, `{"type":"eq","key":"accord.colour","value":"red"}`,
		`{"type":"ne","key":"accord.language","value":"en"}`, `{"type":"or","filters":[{"type":"eq","key":"accord.language","value":"en"}]}`, `{"type":"eq","key":"a","value":"b","colour":1}`,
		strings.Repeat(`{"type":"and","filters":[`, 7) + `{"type":"eq","key":"a","value":"b"}` + strings.Repeat(`]}`, 7),
	} {
		content := w.want(t, http.StatusBadRequest, http.MethodPost, stores+"/default/search", fmt.Sprintf(`{"query":"Chancay","filters":%s}`, filter))
		if !strings.Contains(content, `"param":"filters`) || !strings.Contains(content, `"invalid_request_error"`) {
			t.Errorf("%s: %s", filter, content)
		}
	}
}
