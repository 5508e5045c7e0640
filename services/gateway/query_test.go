package gateway

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// parseQuery reads a query into message.
func parseQuery(message proto.Message, query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	return strictQuery{}.Parse(message, values, utilities.NewDoubleArray(nil))
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]*accordv1.ListDocumentsRequest{
		"pageSize=3": {PageSize: 3},
		"filter.languages=en&filter.languages=zh":                 {Filter: &accordv1.Filter{Languages: []string{"en", "zh"}}},
		"filter.metadata[a.b]=c&filter.metadata[]=d":              {Filter: &accordv1.Filter{Metadata: map[string]string{"a.b": "c", "": "d"}}},
		"filter.publishedAfter=1970-01-01T00:00:09Z":              {Filter: &accordv1.Filter{PublishedAfter: &timestamppb.Timestamp{Seconds: 9}}},
		"filter.kinds=PASSAGE_KIND_ARTICLE&filter.sources=Xinhua": {Filter: &accordv1.Filter{Kinds: []accordv1.PassageKind{accordv1.PassageKind_PASSAGE_KIND_ARTICLE}, Sources: []string{"Xinhua"}}},
	} {
		got := &accordv1.ListDocumentsRequest{}
		if err := parseQuery(got, query); err != nil {
			t.Errorf("%s: %v", query, err)
		} else if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// TestQueryRefuses: a parameter that cannot be read is refused with its name and what it must
// be, and is never ignored.
func TestQueryRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ query, says string }{
		{"pageSize=x", `"pageSize" must be a whole number`},
		{"pageSize=9999999999", `"pageSize" must be a whole number`},
		{"pageSize=1&pageSize=2", `"pageSize" has one value`},
		{"pageSize[a]=1", `unknown query parameter "pageSize[a]"`},
		{"filter=x", `"filter" must be one of its fields, such as filter.languages`},
		{"filter.kinds=7", `"filter.kinds" must be one of PASSAGE_KIND_UNSPECIFIED, PASSAGE_KIND_PARAGRAPH,`},
		{"filter.publishedAfter=x", `"filter.publishedAfter" must be a time`},
		{"filter.publishedAfter=2025-01-01T00:00:00Z&filter.publishedAfter.seconds=1", `unknown query parameter "filter.publishedAfter.seconds"`},
		{"filter.metadata=a", `must be filter.metadata[key]=value`},
		{"filter.metadata.key=a", `unknown query parameter`},
		{"filter.metadata[a=b", `must be filter.metadata[key]=value`},
		{"filter.metadata[a]x=b", `must be filter.metadata[key]=value`},
		{"filter.metadata[a].x=b", `must be filter.metadata[key]=value`},
		{"filter.metadata[a][b]=c", `must be filter.metadata[key]=value`},
		{"filter.metadata[a[b]]=c", `must be filter.metadata[key]=value`},
		{"filter.metadata[a]=b&filter.metadata[a]=c", `"filter.metadata[a]" has one value`},
		{"page_size=1&pageSize=2", `page_size`},
	} {
		err := parseQuery(&accordv1.ListDocumentsRequest{}, test.query)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", test.query, err, test.says)
		}
	}
}

// TestLongProblems: a message that quotes a long part of the request is cut.
func TestLongProblems(t *testing.T) {
	t.Parallel()
	got := newStatus(codes.InvalidArgument, invalidRequest, strings.Repeat("中", 60_000)).Message()
	if n := utf8.RuneCountInString(got); n != maxProblem+1 || !utf8.ValidString(got) {
		t.Errorf("the message has %d code points", n)
	}
}
