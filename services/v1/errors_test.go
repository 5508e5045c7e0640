package v1_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/maintenance"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

// TestErrors checks which parts of an internal error callers see.
func TestErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	panicked := guard.Call(func() error { panic(fmt.Errorf("%w: %w", document.ErrNotFound, cause)) })
	for _, test := range []struct {
		err   error
		want  failure
		shown bool // whether callers see the cause
		retry bool
	}{
		{fmt.Errorf("odd: %w", cause), failure{Code: codes.Internal, Reason: "INTERNAL"}, false, false},
		{panicked, failure{Code: codes.Internal, Reason: "INTERNAL"}, false, false},
		{fmt.Errorf("%w: %w", document.ErrChanged, cause), failure{Code: codes.Aborted, Reason: "CONCURRENT_WRITE"}, false, false},
		{fmt.Errorf("%w: %w", space.ErrNotReady, cause), failure{Code: codes.FailedPrecondition, Reason: "SPACE_NOT_READY"}, true, false},
		{fmt.Errorf("%w: %w", store.ErrUnavailable, cause), failure{Code: codes.Unavailable, Reason: "DATABASE_UNAVAILABLE"}, false, true},
		{fmt.Errorf("%w: %w", store.ErrDenied, cause), failure{Code: codes.FailedPrecondition, Reason: "DATABASE_ACCESS_DENIED"}, false, false},
		{fmt.Errorf("%w: %w", store.ErrSchema, cause), failure{Code: codes.FailedPrecondition, Reason: "SCHEMA_MISMATCH"}, false, false},
		{fmt.Errorf("%w: %w", search.ErrNoVector, cause), failure{Code: codes.Unavailable, Reason: "EMBEDDER_UNAVAILABLE"}, false, true},
		{fmt.Errorf("%w: %w", embed.ErrUnavailable, cause), failure{Code: codes.Unavailable, Reason: "EMBEDDER_UNAVAILABLE"}, false, true},
		{fmt.Errorf("%w: %w", embed.ErrRejected, cause), failure{Code: codes.FailedPrecondition, Reason: "EMBEDDER_REJECTED"}, false, false},
		{fmt.Errorf("%w: %w", embed.ErrBadVectors, cause), failure{Code: codes.Internal, Reason: "EMBEDDER_BAD_VECTORS"}, false, false},
		{fmt.Errorf("%w: %w", embed.ErrModelMismatch, cause), failure{Code: codes.FailedPrecondition, Reason: "MODEL_MISMATCH"}, false, false},
		{fmt.Errorf("%w: %w", space.ErrModelMismatch, cause), failure{Code: codes.FailedPrecondition, Reason: "MODEL_MISMATCH"}, false, false},
		{fmt.Errorf("%w: %w", space.ErrUnknownServer, cause), failure{Code: codes.FailedPrecondition, Reason: "MODEL_SERVER_UNKNOWN"}, false, false},
		{fmt.Errorf("%w: %w", maintenance.ErrNoReferenceTexts, cause), failure{Code: codes.FailedPrecondition, Reason: "EMBEDDER_REJECTED"}, false, false},
		{fmt.Errorf("%w: %w", context.DeadlineExceeded, cause), failure{Code: codes.DeadlineExceeded, Reason: "DEADLINE_EXCEEDED"}, false, false},
	} {
		t.Run(test.want.Reason, func(t *testing.T) {
			t.Parallel()
			s := startWith(t, v1.Config{Ingester: ingester{write: func(context.Context, document.Document) (ingest.Result, error) {
				return ingest.Result{}, test.err
			}}})
			_, err := s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{
				Document: &accordv1.Document{Name: name("a"), Text: "x"},
			})
			checkFailure(t, err, test.want)
			st := status.Convert(err)
			if shown := strings.Contains(st.Message(), "cause"); shown != test.shown {
				t.Errorf("message %q", st.Message())
			}
			retry := slices.ContainsFunc(st.Details(), func(detail any) bool { _, ok := detail.(*errdetails.RetryInfo); return ok })
			if retry != test.retry {
				t.Errorf("details %v", st.Details())
			}
		})
	}
}
