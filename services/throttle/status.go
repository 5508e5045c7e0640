package throttle

import (
	"context"
	"errors"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

// ended returns the status of a call that reached its deadline, or was cancelled, while it
// waited.
func ended(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return withDetails(codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed before the answer was ready")
	}
	return withDetails(codes.Canceled, "CANCELLED", "the caller cancelled the call")
}

func withDetails(code codes.Code, reason, message string, details ...protoadapt.MessageV1) error {
	st := status.New(code, message)
	if detailed, err := st.WithDetails(append(details, &errdetails.ErrorInfo{Reason: reason, Domain: "accord"})...); err == nil {
		st = detailed
	}
	return st.Err()
}
