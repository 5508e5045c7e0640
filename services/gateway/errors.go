package gateway

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// invalidRequest is the reason of errors about a request whose HTTP or JSON is not valid for
// its method. The method is not called.
const invalidRequest = "INVALID_HTTP_REQUEST"

// maxProblem is the maximum number of code points of a message, which may quote the request.
const maxProblem = 400

// newStatus returns a status with an ErrorInfo, which every error of Accord has. It cuts a long
// message.
func newStatus(code codes.Code, reason, message string) *status.Status {
	if runes := []rune(message); len(runes) > maxProblem {
		message = string(runes[:maxProblem]) + "…"
	}
	st := status.New(code, message)
	if detailed, err := st.WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "accord"}); err == nil {
		return detailed
	}
	return st
}

// fail answers with the error of a call, or with an error that the gateway found in the
// request.
func fail(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errNotModified) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if md, ok := runtime.ServerMetadataFromContext(ctx); ok {
		setHeaders(w, "", md.HeaderMD)
	}
	st := status.Convert(err)
	if st.Code() == codes.InvalidArgument && len(st.Details()) == 0 { // not from a method, since those have details
		st = newStatus(codes.InvalidArgument, invalidRequest, st.Message())
	}
	writeError(w, r, httpStatus(st, r), st)
}

// httpStatus returns the HTTP status of an error. It follows the table of google.rpc.Code,
// except if HTTP has a more exact status.
func httpStatus(st *status.Status, r *http.Request) int {
	switch code := st.Code(); {
	case code == codes.ResourceExhausted && len(st.Details()) == 0: // grpc-go itself: the message is too large
		return http.StatusRequestEntityTooLarge
	case code == codes.Aborted && reasonOf(st) == "PRECONDITION_FAILED" && conditional(r):
		return http.StatusPreconditionFailed
	default:
		return runtime.HTTPStatusFromCode(code)
	}
}

func reasonOf(st *status.Status) string {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// unrouted answers a request whose path or HTTP method fits no method of the API.
func unrouted(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	ignoreBody(w, r)
	const see = "; /openapi.json lists the paths and their methods"
	switch code {
	case http.StatusNotFound:
		writeError(w, r, code, newStatus(codes.NotFound, "PATH_UNKNOWN", "no method has this path"+see))
	case http.StatusMethodNotAllowed:
		writeError(w, r, code, newStatus(codes.Unimplemented, "METHOD_NOT_ALLOWED", "the path does not take this HTTP method"+see))
	default:
		writeError(w, r, http.StatusBadRequest, newStatus(codes.InvalidArgument, invalidRequest, "the path is malformed"+see))
	}
}

// writeError answers with a status in JSON: a google.rpc.Status, or the format of the mounted
// API to which the request belongs.
func writeError(w http.ResponseWriter, r *http.Request, code int, st *status.Status) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	for _, detail := range st.Details() {
		switch detail := detail.(type) {
		case *errdetails.RetryInfo:
			header.Set("Retry-After", strconv.Itoa(int(math.Ceil(detail.GetRetryDelay().AsDuration().Seconds()))))
		case *errdetails.ErrorInfo:
			if challenge := detail.GetMetadata()["www_authenticate"]; challenge != "" {
				header.Set("WWW-Authenticate", challenge)
			}
		}
	}
	body := errorBody(r, code, st)
	header.Set("Content-Length", strconv.Itoa(len(body))) // net/http does not set it for HEAD
	w.WriteHeader(code)
	_, _ = w.Write(body) // fails if the client is gone
}
