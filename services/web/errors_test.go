package web

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestErrorsOnPages: a page shows the message of an error for callers, and no other.
func TestErrorsOnPages(t *testing.T) {
	for _, test := range []struct {
		err    error
		code   int
		detail string
		known  bool
	}{
		{status.Error(codes.FailedPrecondition, "another model"), http.StatusBadRequest, "another model", true},
		{status.Error(codes.NotFound, "not found"), http.StatusNotFound, "not found", true},
		{fmt.Errorf("page: %w", errBusy), http.StatusServiceUnavailable, errBusy.Detail, true},
		{status.Error(codes.Canceled, "context canceled"), 499, "context canceled", true},
		{status.Error(codes.Internal, "secret"), http.StatusInternalServerError, "The server's log says what.", false},
		{errors.New("secret"), http.StatusInternalServerError, "The server's log says what.", false},
	} {
		if shown, known := asPageError(test.err); known != test.known || shown.code != test.code || shown.Detail != test.detail {
			t.Errorf("%v: %+v, %v", test.err, shown, known)
		}
	}
}
