package gateway

import (
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	// bodyLimit is the maximum time for reading a body, and for each write of a reply.
	bodyLimit = time.Minute
	// restLimit is the maximum time in which the lines arrive that an import has not read.
	restLimit = 5 * time.Second
	// maxUnread limits the total size in bytes of the replies that clients have not read yet.
	// New requests are refused while it is reached.
	maxUnread = 256 << 20
)

// checked refuses invalid requests before a method is called.
func (g *gateway) checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.cfg.NeedCertificate && (r.TLS == nil || len(r.TLS.VerifiedChains) == 0) {
			ignoreBody(w, r)
			writeError(w, r, http.StatusUnauthorized, newStatus(codes.Unauthenticated, "CERTIFICATE_MISSING", "the server asks for a client certificate"))
			return
		}
		received := r // r is nil after an error
		err := checkURL(r.URL)
		if err == nil {
			r, err = withConditions(r)
		}
		if err == nil {
			r, err = g.forCall(r)
		}
		if err != nil {
			ignoreBody(w, received)
			writeError(w, received, http.StatusBadRequest, newStatus(codes.InvalidArgument, invalidRequest, err.Error()))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkURL refuses URLs that are malformed, or are not UTF-8 as the text in messages must be.
func checkURL(u *url.URL) error {
	query, err := url.QueryUnescape(u.RawQuery)
	if err != nil || !utf8.ValidString(query) || !utf8.ValidString(u.Path) {
		return errors.New("the URL must be UTF-8, with %XX for bytes")
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return errors.New("the query of the URL is malformed: it must be name=value, separated by &")
	}
	return nil
}

// replies limits the size of the replies that clients have not read yet.
type replies struct{ unread atomic.Int64 }

// bound refuses requests while too many replies are unread.
func (c *replies) bound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		counted := &countedWriter{w, c}
		if c.unread.Load() < maxUnread {
			next.ServeHTTP(counted, r)
			return
		}
		st := newStatus(codes.ResourceExhausted, "REPLIES_NOT_READ", "the server holds too many replies that clients do not read; try again later")
		if detailed, err := st.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}); err == nil {
			st = detailed
		}
		writeError(counted, r, http.StatusTooManyRequests, st)
	})
}

// countedWriter counts the bytes that the client has not taken yet, and limits the time of each
// write to bodyLimit.
type countedWriter struct {
	http.ResponseWriter
	replies *replies
}

// Write implements http.ResponseWriter.
func (w *countedWriter) Write(p []byte) (int, error) {
	w.replies.unread.Add(int64(len(p)))
	defer w.replies.unread.Add(-int64(len(p)))
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(bodyLimit))
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the writer that http.ResponseController controls.
func (w *countedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
