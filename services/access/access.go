// Package access decides who may call what. For each call, it checks the credential, whether
// the caller's role suffices for the method, and the collection that the request names. All
// methods and the roles that they need are in one table.
package access

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/accord-search/accord/internal/auth"
)

// Checker finds the caller to whom a credential belongs. See auth.Authenticator for the full
// contract.
type Checker interface {
	Check(ctx context.Context, credential string) (auth.Identity, error)
}

// Guard has the interceptors that check callers.
type Guard struct {
	checker Checker
	log     *slog.Logger
}

// New returns a Guard.
func New(checker Checker, log *slog.Logger) *Guard { return &Guard{checker, log} }

// admitted is a caller that may call a method, and the time at which this was checked.
type admitted struct {
	caller  auth.Identity
	checked time.Time
}

type admittedKey struct{}

// Early is an interceptor that checks the credential and the role of the caller of a unary
// call. It does not need the request, which may not have arrived yet.
func (g *Guard) Early(ctx context.Context, req any, call *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if open(call.FullMethod) {
		return handler(ctx, req)
	}
	caller, err := g.admit(ctx, call.FullMethod)
	if err != nil {
		return nil, g.refuse(ctx, call.FullMethod, caller, err)
	}
	return handler(context.WithValue(ctx, admittedKey{}, admitted{caller, time.Now()}), req)
}

// Unary is an interceptor that checks whether the caller of a unary call may use the collection
// that the request names, and puts the caller into the context. It also checks what Early does,
// unless Early did so within checkInterval.
func (g *Guard) Unary(ctx context.Context, req any, call *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if open(call.FullMethod) {
		return handler(ctx, req)
	}
	var err error
	early, _ := ctx.Value(admittedKey{}).(admitted)
	caller := early.caller
	if time.Since(early.checked) >= checkInterval {
		caller, err = g.admit(ctx, call.FullMethod)
	}
	if err == nil && !covers(caller.Collections, call.FullMethod, req) {
		err = errCollection
	}
	if err != nil {
		return nil, g.refuse(ctx, call.FullMethod, caller, err)
	}
	allowed, end := g.endedIfRefused(ctx, call.FullMethod)
	defer end()
	resp, err := handler(auth.NewContext(allowed, caller), req)
	if refused := context.Cause(allowed); err != nil && refused != nil && ctx.Err() == nil {
		return nil, refused
	}
	return resp, err
}

// Stream is an interceptor that checks the caller of a stream, and the collection of each
// message.
func (g *Guard) Stream(srv any, stream grpc.ServerStream, call *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if open(call.FullMethod) {
		return handler(srv, stream)
	}
	ctx := stream.Context()
	caller, err := g.admit(ctx, call.FullMethod)
	if err != nil {
		return g.refuse(ctx, call.FullMethod, caller, err)
	}
	return handler(srv, &guardedStream{
		ServerStream: stream, ctx: auth.NewContext(ctx, caller), guard: g, method: call.FullMethod, caller: caller, checked: time.Now(),
		answersOnly: !call.IsClientStream,
	})
}

// admit returns the caller of a method. It fails if the credential is invalid or the
// caller's role is too low.
func (g *Guard) admit(ctx context.Context, method string) (auth.Identity, error) {
	credential, err := bearer(ctx)
	if err != nil {
		return auth.Identity{}, err
	}
	caller, err := g.checker.Check(ctx, credential)
	if err != nil {
		return auth.Identity{}, err
	}
	if r, known := methods[method]; !known || caller.Role < r.needs {
		return caller, errRole
	}
	return caller, nil
}

// bearer returns the credential from the metadata "authorization: Bearer …" of a call.
func bearer(ctx context.Context) (string, error) {
	values := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(values) == 0 {
		return "", auth.ErrMissing
	}
	scheme, credential, _ := strings.Cut(values[0], " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "bearer") || credential == "" {
		return "", errors.Join(auth.ErrInvalid, errors.New("the metadata authorization must be, once, Bearer and a credential"))
	}
	return strings.TrimSpace(credential), nil
}
