package server

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// refusal returns the status of a call that the server has no room for, with a delay after
// which the caller may try again.
func refusal(reason, message string) error {
	return detailed(codes.ResourceExhausted, reason, message, &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)})
}

// detailed returns a status with an ErrorInfo and other details.
func detailed(code codes.Code, reason, message string, details ...protoadapt.MessageV1) error {
	st := status.New(code, message)
	if with, err := st.WithDetails(append(details, &errdetails.ErrorInfo{Reason: reason, Domain: "accord"})...); err == nil {
		st = with
	}
	return st.Err()
}
