package server

import (
	"context"
	"slices"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
)

// early runs the interceptors of unary calls that need no request. gRPC itself runs
// interceptors only after it has received and decoded the whole request.
type early struct {
	grpc.ServiceRegistrar
	interceptors []grpc.UnaryServerInterceptor // the first is the outermost
}

// early returns a registrar for services whose callers are checked before their requests are
// received.
func (s *Server) early(registrar grpc.ServiceRegistrar, access Interceptors) early {
	e := early{ServiceRegistrar: registrar}
	for _, intercept := range []grpc.UnaryServerInterceptor{
		s.cfg.Observe.Unary, recovery.UnaryServerInterceptor(recovery.WithRecoveryHandlerContext(s.recovered)), access.Early,
	} {
		if intercept != nil {
			e.interceptors = append(e.interceptors, intercept)
		}
	}
	return e
}

// RegisterService registers a service whose unary calls are intercepted.
func (e early) RegisterService(service *grpc.ServiceDesc, implementation any) {
	e.ServiceRegistrar.RegisterService(wrapped(service, func(method string, handle grpc.MethodHandler) grpc.MethodHandler {
		return func(service any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
			next := func(ctx context.Context, _ any) (any, error) { return handle(service, ctx, decode, intercept) }
			for _, outer := range slices.Backward(e.interceptors) {
				inner := next
				next = func(ctx context.Context, _ any) (any, error) {
					return outer(ctx, nil, &grpc.UnaryServerInfo{Server: service, FullMethod: method}, inner)
				}
			}
			return next(ctx, nil)
		}
	}), implementation)
}

// wrapped returns a service with other handlers of its unary methods. wrap gets the full name
// of each.
func wrapped(service *grpc.ServiceDesc, wrap func(method string, handle grpc.MethodHandler) grpc.MethodHandler) *grpc.ServiceDesc {
	changed := *service
	changed.Methods = slices.Clone(service.Methods)
	for i, method := range changed.Methods {
		changed.Methods[i].Handler = wrap("/"+service.ServiceName+"/"+method.MethodName, method.Handler)
	}
	return &changed
}

// CheckCaller checks the caller of a unary method or a stream as Access.Early does before a
// request is received, and returns its error. The incoming metadata of ctx has the
// credential.
func (s *Server) CheckCaller(ctx context.Context, method string) error {
	if s.cfg.Access.Early == nil {
		return nil
	}
	_, err := s.cfg.Access.Early(ctx, nil, &grpc.UnaryServerInfo{FullMethod: method}, func(context.Context, any) (any, error) { return nil, nil })
	return err
}
