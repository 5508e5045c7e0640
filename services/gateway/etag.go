package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// errNotModified means that the client already has this version of the document.
var errNotModified = errors.New("not modified")

// conditionKey is the context key for the conditions of a request. Its value is the header
// If-None-Match of a GET or HEAD, and "" for other requests with conditions.
type conditionKey struct{}

// conditional reports whether a request had conditions in its headers.
func conditional(r *http.Request) bool { return r.Context().Value(conditionKey{}) != nil }

// withConditions turns If-Match, and If-None-Match of a PUT, into fields of the call. Only the
// methods for one document have these fields; other calls are refused because of an unknown
// parameter. If-None-Match of a GET or HEAD is kept in the context, for setETag.
func withConditions(r *http.Request) (*http.Request, error) {
	match, noneMatch := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	if match == "" && noneMatch == "" {
		return r, nil
	}
	with := func(known string) context.Context { return context.WithValue(r.Context(), conditionKey{}, known) }
	query := r.URL.Query()
	switch {
	case match == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		return r.WithContext(with(noneMatch)), nil
	case match != "" && noneMatch != "":
		return nil, errors.New("If-Match and If-None-Match cannot be sent together")
	case noneMatch == "*" && r.Method == http.MethodPut:
		query.Add("precondition.must_not_exist", "true")
	case noneMatch != "":
		return nil, errors.New(`If-None-Match needs GET, or PUT with the value * (without quotation marks)`)
	default:
		etag, ok := unquote(match)
		if !ok {
			return nil, errors.New("If-Match must be one ETag in quotation marks, as in the header ETag of an answer")
		}
		switch r.Method {
		case http.MethodPut:
			query.Add("precondition.etag", etag)
		case http.MethodDelete:
			query.Add("etag", etag)
		default:
			return nil, errors.New("If-Match needs PUT or DELETE")
		}
	}
	changed := r.Clone(with(""))
	changed.URL.RawQuery = query.Encode()
	return changed, nil
}

// unquote returns the text between the quotation marks of a strong ETag.
func unquote(header string) (etag string, ok bool) {
	etag, opened := strings.CutPrefix(strings.TrimSpace(header), `"`)
	etag, closed := strings.CutSuffix(etag, `"`)
	return etag, opened && closed && etag != "" && !strings.Contains(etag, `"`)
}

// setETag sets the header ETag of answers with one document. It returns errNotModified if the
// client already has that version.
func setETag(ctx context.Context, w http.ResponseWriter, reply proto.Message) error {
	var etag string
	switch reply := reply.(type) {
	case *accordv1.GetDocumentResponse:
		etag = `"` + reply.GetDocument().GetEtag() + `"`
	case *accordv1.UpsertDocumentResponse:
		w.Header().Set("ETag", `"`+reply.GetDocument().GetEtag()+`"`)
		return nil
	default:
		return nil
	}
	w.Header().Set("ETag", etag)
	known, _ := ctx.Value(conditionKey{}).(string)
	for candidate := range strings.SplitSeq(known, ",") {
		if candidate = strings.TrimSpace(candidate); candidate == "*" || strings.TrimPrefix(candidate, "W/") == etag {
			return errNotModified
		}
	}
	return nil
}
