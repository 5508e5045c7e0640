// Package throttle has the interceptors that admit or refuse calls, as package admission
// decides.
package throttle

import (
	"context"
	"errors"
	"net"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/accord-search/accord/internal/admission"
	"github.com/accord-search/accord/internal/auth"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/access"
)

// Admitter lets calls in. See admission.Controller for the full contract.
type Admitter interface {
	Admit(ctx context.Context, call admission.Call) (done func(error), err error)
}

// Throttle has the interceptors.
type Throttle struct{ admitter Admitter }

// New returns a Throttle. Its interceptors must run after those that check callers, so that
// all calls with one key count together.
func New(admitter Admitter) *Throttle { return &Throttle{admitter} }

// laneByRole maps the role that a unary method needs to the method's lane.
var laneByRole = map[auth.Role]admission.Lane{
	auth.Read: admission.Reads, auth.Write: admission.Writes, auth.Admin: admission.Administration,
}

// Unary is an interceptor that admits or refuses a unary call. Health checks are always
// admitted.
func (t *Throttle) Unary(ctx context.Context, req any, call *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	lane, limited := laneByRole[access.Needs(call.FullMethod)]
	if !limited {
		return handler(ctx, req)
	}
	done, err := t.admitter.Admit(ctx, admission.Call{Lane: lane, Method: call.FullMethod, Caller: callerOf(ctx), Size: sizeOf(req)})
	if err != nil {
		return nil, refuse(err)
	}
	defer func() { done(err) }()
	resp, err := handler(ctx, req)
	return resp, err
}

// largestBatch is the maximum number of questions of a batch. A larger batch is admitted as one
// of this size, and refused later as invalid.
const largestBatch = 50

// sizeOf returns the number of calls for which a request counts.
func sizeOf(req any) int {
	if batch, ok := req.(*accordv1.BatchSearchRequest); ok {
		return min(len(batch.GetRequests()), largestBatch)
	}
	return 1
}

// Stream is an interceptor that admits or refuses a stream.
func (t *Throttle) Stream(srv any, stream grpc.ServerStream, call *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if access.Needs(call.FullMethod) == auth.NoRole {
		return handler(srv, stream)
	}
	ctx := stream.Context()
	done, err := t.admitter.Admit(ctx, admission.Call{Lane: admission.Streams, Method: call.FullMethod, Caller: callerOf(ctx)})
	if err != nil {
		return refuse(err)
	}
	defer func() { done(err) }()
	err = handler(srv, stream)
	return err
}

// callerOf returns the name of an authenticated caller, or else the IP address of the
// client.
func callerOf(ctx context.Context) string {
	if name := auth.CallerName(ctx); name != "" {
		return name
	}
	from, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	if host, _, err := net.SplitHostPort(from.Addr.String()); err == nil {
		return host
	}
	return from.Addr.String()
}

// messages has the error messages for callers.
var messages = map[admission.Reason]string{
	admission.Overloaded:   "the server has more calls than it can answer in time; try again later, or at another server",
	admission.TooManyCalls: "this caller has too many calls in flight; wait for some of them",
	admission.TooFast:      "this caller makes more calls per second than it may; make fewer",
}

// refuse returns the status of a call that is not let in.
func refuse(err error) error {
	var refusal *admission.RefusalError
	if !errors.As(err, &refusal) {
		return ended(err)
	}
	return withDetails(codes.ResourceExhausted, string(refusal.Reason), messages[refusal.Reason], &errdetails.RetryInfo{RetryDelay: durationpb.New(refusal.RetryAfter)})
}

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
