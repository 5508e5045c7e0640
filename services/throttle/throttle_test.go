package throttle

import (
	"context"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/admission"
	"github.com/accord-search/accord/internal/auth"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// admitter records calls. It refuses them with err, or lets them in if err is nil.
type admitter struct {
	calls []admission.Call
	ended int
	err   error
}

func (a *admitter) Admit(_ context.Context, call admission.Call) (func(error), error) {
	a.calls = append(a.calls, call)
	return func(error) { a.ended++ }, a.err
}

func call(ctx context.Context, a *admitter, method string) error {
	_, err := New(a).Unary(ctx, nil, &grpc.UnaryServerInfo{FullMethod: method}, func(context.Context, any) (any, error) { return nil, nil })
	return err
}

// TestLanes: each method is in the lane of its role, and health checks are always let in.
func TestLanes(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]admission.Lane{
		"/accord.v1.SearchService/Search":            admission.Reads,
		"/accord.v1.IngestService/UpsertDocument":    admission.Writes,
		"/accord.v1.CollectionService/GetCollection": admission.Reads,
		"/accord.v1.SpaceService/ActivateSpace":      admission.Administration,
	} {
		var a admitter
		ctx := auth.NewContext(t.Context(), auth.Identity{Name: "key:a"})
		if err := call(ctx, &a, method); err != nil || a.ended != 1 {
			t.Fatalf("%s: %v, ended %d times", method, err, a.ended)
		}
		if got := a.calls[0]; got.Lane != want || got.Caller != "key:a" || got.Method != method {
			t.Errorf("%s: %+v, want lane %v", method, got, want)
		}
	}
	a := admitter{}
	requests := &accordv1.BatchSearchRequest{Requests: make([]*accordv1.SearchRequest, 7)}
	_, err := New(&a).Unary(t.Context(), requests, &grpc.UnaryServerInfo{FullMethod: accordv1.SearchService_BatchSearch_FullMethodName}, func(context.Context, any) (any, error) { return nil, nil })
	if err != nil || a.calls[0].Lane != admission.Reads || a.calls[0].Size != 7 {
		t.Errorf("a batch of 7: %+v, error %v", a.calls, err)
	}
	a = admitter{err: &admission.RefusalError{Reason: admission.Overloaded}}
	if err := call(t.Context(), &a, "/grpc.health.v1.Health/Check"); err != nil || len(a.calls) > 0 {
		t.Errorf("a health check: %v", err)
	}
}

// TestRefusals: callers get the reason why they are refused, and the delay after which to
// retry.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, reason := range []admission.Reason{admission.Overloaded, admission.TooManyCalls, admission.TooFast} {
		st := status.Convert(call(t.Context(), &admitter{err: &admission.RefusalError{Reason: reason, RetryAfter: time.Second}}, "/accord.v1.SearchService/Search"))
		var after time.Duration
		var info *errdetails.ErrorInfo
		for _, detail := range st.Details() {
			switch d := detail.(type) {
			case *errdetails.RetryInfo:
				after = d.GetRetryDelay().AsDuration()
			case *errdetails.ErrorInfo:
				info = d
			}
		}
		if st.Code() != codes.ResourceExhausted || after != time.Second || info.GetReason() != string(reason) || info.GetDomain() != "accord" || st.Message() == "" {
			t.Errorf("%s: %v, %v", reason, st, st.Details())
		}
	}
	for err, want := range map[error]codes.Code{context.DeadlineExceeded: codes.DeadlineExceeded, context.Canceled: codes.Canceled} {
		if got := call(t.Context(), &admitter{err: err}, "/accord.v1.SearchService/Search"); status.Code(got) != want {
			t.Errorf("%v while it waits: %v, want %v", err, got, want)
		}
	}
}
