package v1_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

// manyFaults are requests of Search with more faults than fit into a trailer.
func manyFaults() map[string]*accordv1.SearchRequest {
	long := strings.Repeat("数字经济", 400)
	metadata := map[string]string{}
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("collections/default/documents/%d-%s", i, long))
		metadata[fmt.Sprintf("%d%s", i, long)] = ""
	}
	return map[string]*accordv1.SearchRequest{
		"40 bad enum values": {Query: "x", Filter: &accordv1.Filter{Kinds: slices.Repeat([]accordv1.PassageKind{99}, 10), Languages: slices.Repeat([]string{"!"}, 30)}},
		"100 bad names":      {Query: "x", Filter: &accordv1.Filter{Documents: names}},
		"100 bad sources":    {Query: "x", Filter: &accordv1.Filter{Sources: slices.Repeat([]string{strings.Repeat(long, 2)}, 100)}},
		"100 map entries":    {Query: "x", Filter: &accordv1.Filter{Metadata: metadata}},
		"a long language":    {Query: "x", QueryLanguageCode: long, Filter: &accordv1.Filter{Languages: []string{"zz-" + strings.Repeat("abcdefgh-", 100) + "a"}}},
	}
}

// TestTrailerSize: even if a request has many faults, the metadata of the answer take less than
// 4 KB on the wire, and the status has its details.
func TestTrailerSize(t *testing.T) {
	t.Parallel()
	s := startWith(t, v1.Config{})
	for name, request := range manyFaults() {
		t.Run(name, func(t *testing.T) {
			_, err := s.search.Search(callContext(t), request)
			st := status.Convert(err)
			var info *errdetails.ErrorInfo
			var violations int
			for _, detail := range st.Details() {
				switch detail := detail.(type) {
				case *errdetails.ErrorInfo:
					info = detail
				case *errdetails.BadRequest:
					violations = len(detail.GetFieldViolations())
				}
			}
			if st.Code() != codes.InvalidArgument || info.GetReason() != "INVALID_FIELD" || violations == 0 {
				t.Errorf("%v: %v, %d violations", st.Code(), info, violations)
			}
			if size := metadataSize(t, s.addr, request); size > 4<<10 {
				t.Errorf("the metadata have %d bytes: %v", size, st)
			}
		})
	}
}

// metadataSize returns the size of the header and trailer that answer a search, as HTTP/2
// counts it: names, values, and 32 bytes for each.
func metadataSize(t *testing.T, addr string, request *accordv1.SearchRequest) (size int) {
	t.Helper()
	message, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	framed := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
	call, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+accordv1.SearchService_Search_FullMethodName, bytes.NewReader(framed))
	if err != nil {
		t.Fatal(err)
	}
	call.Header.Set("Content-Type", "application/grpc")
	call.Header.Set("Te", "trailers")
	transport := &http.Transport{Protocols: &http.Protocols{}}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(call)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	for _, headers := range []http.Header{answer.Header, answer.Trailer} {
		for name, values := range headers {
			for _, value := range values {
				size += len(name) + len(value) + 32
			}
		}
	}
	return size
}
