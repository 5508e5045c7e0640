package mcp

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var errNoSubscriptions = &jsonrpc.Error{Code: jsonrpc.CodeMethodNotFound, Message: "there are no subscriptions: the tools and resources of this server do not change"}

// refuseBatch refuses several messages in one request. Only the revision 2025-03-26 of the
// protocol had such batches, and one of them could make any number of calls.
func refuseBatch(r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(r.Body) // the gateway has already read it and limited its size
	if err != nil {
		return status.Error(codes.InvalidArgument, "the body cannot be read")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		return status.Error(codes.InvalidArgument, "send one JSON-RPC message per request; batches are not supported")
	}
	return nil
}

// fields replaces names of fields in the API by names of arguments, where the two differ.
var fields = strings.NewReplacer(
	"filter.", "", "page_size", "limit", "page_token", "cursor", "parent", "collection", "text_range", "start and end",
)

// explained returns the error of a call as a sentence for an agent: what is wrong and what to do.
func explained(err error) error {
	st := status.Convert(err)
	say := func(format string, args ...any) error { return fmt.Errorf(format, args...) }
	switch st.Code() {
	case codes.OK:
		return nil
	case codes.InvalidArgument:
		return say("%s", violations(st))
	case codes.NotFound:
		return say("%s; list_collections and list_documents show what there is", st.Message())
	case codes.Unauthenticated:
		return say("the server needs a valid API key: %s", st.Message())
	case codes.PermissionDenied:
		return say("%s; list_collections shows the collections that this key may read", st.Message())
	case codes.ResourceExhausted:
		return say("%s; %s", st.Message(), later(st))
	case codes.Unavailable, codes.Aborted:
		return say("the server cannot answer now: %s; %s", st.Message(), later(st))
	case codes.DeadlineExceeded, codes.Canceled:
		return say("the call took too long and was ended; try a narrower question or filter")
	case codes.FailedPrecondition:
		return say("%s", st.Message())
	default:
		return say("the server failed: %s", st.Message())
	}
}

// violations returns what is wrong with the arguments, by their names.
func violations(st *status.Status) string {
	var problems []string
	for _, detail := range st.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, violation := range bad.GetFieldViolations() {
				problems = append(problems, fields.Replace(violation.GetField())+": "+violation.GetDescription())
			}
		}
	}
	if len(problems) == 0 {
		return st.Message()
	}
	return strings.Join(problems, "; ")
}

// later says when to try again.
func later(st *status.Status) string {
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return fmt.Sprintf("try again in %d seconds", max(1, int(retry.GetRetryDelay().AsDuration().Seconds()+.5)))
		}
	}
	return "try again later"
}

// gone reports whether an error says that something does not exist.
func gone(err error) bool { return status.Code(err) == codes.NotFound }
