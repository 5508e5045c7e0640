package access

import (
	"context"
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/accord-search/accord/internal/auth"
)

var (
	// errRole means that the caller's role is too low for the method.
	errRole = errors.New("the caller's role is too low")
	// errCollection means that the caller may not use a collection of the request.
	errCollection = errors.New("the caller may not use this collection")
)

// retryDelay is the delay in RetryInfo.
const retryDelay = time.Second

// refusal is what a refused caller sees. challenge is the value that HTTP would have in
// WWW-Authenticate (RFC 6750).
type refusal struct {
	err       error
	code      codes.Code
	reason    string
	message   string
	challenge string
}

// refusals maps errors to refusals; the first match applies. No message depends on what is
// stored.
var refusals = []refusal{
	{auth.ErrMissing, codes.Unauthenticated, "CREDENTIALS_MISSING", "the call needs a credential: send the metadata authorization with Bearer and an API key or a token", `Bearer`},
	{auth.ErrExpired, codes.Unauthenticated, "CREDENTIALS_EXPIRED", "the credential has expired; get a new one", `Bearer error="invalid_token", error_description="expired"`},
	{auth.ErrUnavailable, codes.Unavailable, "CREDENTIALS_NOT_CHECKED", "the credential cannot be checked now; try again", ""},
	{auth.ErrInvalid, codes.Unauthenticated, "CREDENTIALS_INVALID", "the credential is not valid; check that it is complete and was not revoked", `Bearer error="invalid_token"`},
	{errRole, codes.PermissionDenied, "ROLE_TOO_LOW", "the credential does not allow this method; use one with a higher role", `Bearer error="insufficient_scope"`},
	{errCollection, codes.PermissionDenied, "COLLECTION_DENIED", "the credential is not for the collection that the request names, or the name is not well-formed; use a credential for it", `Bearer error="insufficient_scope"`},
	{context.DeadlineExceeded, codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed before the answer was ready", ""},
	{context.Canceled, codes.Canceled, "CANCELLED", "the caller cancelled the call", ""},
}

// refuse returns the status of a refused call, and logs the cause. Neither contains the
// credential.
func (g *Guard) refuse(ctx context.Context, method string, caller auth.Identity, err error) error {
	for _, r := range refusals {
		if !errors.Is(err, r.err) {
			continue
		}
		// Debug level, since strangers must not be able to fill the log.
		g.log.DebugContext(ctx, "call refused", "method", method, "reason", r.reason, "caller", caller.Name, "error", err)
		return r.status(method)
	}
	g.log.ErrorContext(ctx, "cannot check the caller", "method", method, "error", err)
	return refusal{code: codes.Internal, reason: "INTERNAL", message: "internal error; see the server's log"}.status(method)
}

func (r refusal) status(method string) error {
	info := &errdetails.ErrorInfo{Reason: r.reason, Domain: "accord", Metadata: map[string]string{}}
	if r.challenge != "" {
		info.Metadata["www_authenticate"] = r.challenge
	}
	if errors.Is(r.err, errRole) {
		info.Metadata["needs"] = methods[method].needs.String()
	}
	details := []protoadapt.MessageV1{info}
	if r.code == codes.Unavailable {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(retryDelay)})
	}
	st := status.New(r.code, r.message)
	if detailed, err := st.WithDetails(details...); err == nil {
		st = detailed
	}
	return st.Err()
}
