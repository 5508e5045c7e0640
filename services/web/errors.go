package web

import (
	"errors"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/services/gateway"
)

// pageError is an error that a page shows.
type pageError struct {
	code   int // the HTTP status
	Title  string
	Detail string // what is wrong and what to do
}

// Error implements error.
func (e *pageError) Error() string { return e.Title + ": " + e.Detail }

var (
	errNoPage = &pageError{http.StatusNotFound, "This page does not exist", "The search is on the first page."}
	errBusy   = &pageError{http.StatusServiceUnavailable, "The server is busy", "Try again in a few seconds."}
)

func badRequest(detail string) error {
	return &pageError{http.StatusBadRequest, "This address cannot be read", detail}
}

// checkRequest refuses requests whose text cannot be shown or sent on.
func checkRequest(cfg Config, r *http.Request) error {
	if cfg.NeedCertificate && (r.TLS == nil || len(r.TLS.VerifiedChains) == 0) {
		return &pageError{http.StatusUnauthorized, "A certificate is missing", "This server asks for a client certificate. Add yours to the browser."}
	}
	if gateway.Rebound(r, cfg.NeedCredential, cfg.TrustedProxies) {
		return &pageError{http.StatusForbidden, "This address is not allowed", "On this machine, open the server as localhost. The operator allows other names behind a proxy with --http-trusted-proxies."}
	}
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil || !utf8.ValidString(query) || !utf8.ValidString(r.URL.Path) {
		return badRequest("It must be UTF-8, with %XX for bytes.")
	}
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		return badRequest("What follows the question mark must be name=value, separated by &.")
	}
	return nil
}

// errorTitles are the titles of errors of calls.
var errorTitles = map[codes.Code]string{
	codes.InvalidArgument: "The server cannot do this",
	// Its message says what the operator must do, such as that the model server has another model.
	codes.FailedPrecondition: "The server cannot do this",
	codes.NotFound:           "It does not exist",
	codes.PermissionDenied:   "Your key does not allow this",
	codes.Unauthenticated:    "Please log in",
	codes.ResourceExhausted:  "Too many requests",
	codes.Unavailable:        "The server cannot answer now",
	codes.DeadlineExceeded:   "The answer took too long",
	codes.Canceled:           "The request was cancelled",
}

// asPageError returns the error of a call as one that a page shows. ok is false if only the log
// may have the error.
func asPageError(err error) (shown *pageError, ok bool) {
	if errors.As(err, &shown) {
		return shown, true
	}
	st, ok := status.FromError(err)
	title := errorTitles[st.Code()]
	if !ok || title == "" {
		return &pageError{http.StatusInternalServerError, "Something went wrong", "The server's log says what."}, false
	}
	return &pageError{runtime.HTTPStatusFromCode(st.Code()), title, st.Message()}, true
}

// fail answers with a page about an error. Callers without a valid credential are sent to the
// login.
func (v *visit) fail(err error) {
	if status.Code(err) == codes.Unauthenticated && v.site.cfg.NeedCredential {
		v.askForLogin()
		return
	}
	shown, known := asPageError(err)
	if !known && v.r.Context().Err() == nil {
		v.site.cfg.Logger.ErrorContext(v.r.Context(), "a page failed", "path", v.r.URL.Path, "error", err)
	}
	if shown.code == http.StatusServiceUnavailable || shown.code == http.StatusTooManyRequests {
		v.w.Header().Set("Retry-After", "2")
	}
	v.render(shown.code, "error", shown.Title, shown)
}
