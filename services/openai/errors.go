package openai

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// apiError is an error in OpenAI's shape.
type apiError struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`
}

type errorReply struct {
	Error apiError `json:"error"`
}

// params maps fields of Accord to the parameters of OpenAI, if their names differ.
var params = map[string]string{
	"filter": "filters", "page_size": "max_num_results", "min_relevance": "ranking_options.score_threshold",
}

// invalidRequest is the reason of errors of this package.
const invalidRequest = "INVALID_HTTP_REQUEST"

// ErrorBody returns the JSON of an error. The code is the reason of Accord's error. For a
// missing or invalid credential it is invalid_api_key, which clients expect.
func ErrorBody(code int, st *status.Status) any {
	e := apiError{Message: st.Message(), Type: typeOf(code)}
	var field string // the first invalid field
	for _, detail := range st.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			e.Code = &detail.Reason
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				field = cmp.Or(field, violation.GetField())
			}
		}
	}
	if e.Code != nil && *e.Code != invalidRequest { // the field has its name in Accord
		whole, _, _ := strings.Cut(field, ".")
		field = cmp.Or(params[whole], field)
	}
	if field != "" {
		e.Param = &field
	}
	if code == http.StatusUnauthorized {
		invalid := "invalid_api_key"
		e.Code = &invalid
	}
	return errorReply{e}
}

func typeOf(code int) string {
	switch {
	case code == http.StatusUnauthorized:
		return "authentication_error"
	case code == http.StatusForbidden:
		return "permission_error"
	case code == http.StatusTooManyRequests:
		return "rate_limit_error"
	case code >= http.StatusInternalServerError:
		return "server_error"
	default:
		return "invalid_request_error"
	}
}

// invalid returns an error about a parameter.
func invalid(param, format string, args ...any) error {
	st := status.New(codes.InvalidArgument, param+": "+fmt.Sprintf(format, args...))
	detailed, err := st.WithDetails(
		&errdetails.ErrorInfo{Reason: invalidRequest, Domain: "accord"},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: param, Description: fmt.Sprintf(format, args...)}}},
	)
	if err != nil {
		return st.Err()
	}
	return detailed.Err()
}

// refuse answers with an error that has no gRPC status.
func (c *call) refuse(code int, message string) error {
	return c.answer(code, errorReply{apiError{Message: message, Type: typeOf(code)}})
}

// answer writes an answer as JSON. It returns an error if it cannot be encoded.
func (c *call) answer(code int, reply any) error {
	c.answered = true
	body, err := json.Marshal(reply)
	if err != nil {
		return status.Error(codes.Internal, "internal error: the answer has no JSON")
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body))) // net/http does not set it for HEAD
	c.w.WriteHeader(code)
	_, _ = c.w.Write(body) // fails if the client is gone
	return nil
}
