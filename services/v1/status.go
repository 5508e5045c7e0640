package v1

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"github.com/accord-search/accord/internal/document"
)

const (
	// maxTrailer is the maximum size of a status in a call's metadata, in bytes. Clients that
	// use gRPC's C core refuse metadata above 8 KiB, and the caller's proxies may allow less.
	maxTrailer = 3500
	// maxField and maxProblem limit the parts of an error about a field, in bytes, so that one
	// error always fits.
	maxField, maxProblem = 200, 300
	// maxMessage is the length in bytes to which the message of a status is cut if the status
	// is too large.
	maxMessage = 500
	// namedFaults is the maximum number of faults in a message. The details have more.
	namedFaults = 3
)

// badRequest returns the status of a request with faults. If not all faults fit, its details
// have the first ones, and the metadata "omitted" has the number of the others.
func badRequest(faults []*document.FieldError) error {
	kept := min(len(faults), maxTrailer/100)
	for {
		st := faultStatus(faults[:kept], len(faults)-kept)
		if kept == 1 || trailerSize(st) <= maxTrailer {
			return st.Err()
		}
		kept--
	}
}

func faultStatus(faults []*document.FieldError, omitted int) *status.Status {
	violations := &errdetails.BadRequest{}
	var messages, fields []string
	for _, f := range faults {
		field, problem := cut(f.Field, maxField), cut(f.Problem, maxProblem)
		violations.FieldViolations = append(violations.FieldViolations,
			&errdetails.BadRequest_FieldViolation{Field: field, Description: problem})
		messages, fields = append(messages, fmt.Sprintf("%s: %s", field, problem)), append(fields, field)
	}
	metadata := map[string]string{"fields": strings.Join(fields, ",")}
	message := strings.Join(messages[:min(len(messages), namedFaults)], "; ")
	if more := omitted + len(faults) - min(len(faults), namedFaults); more > 0 {
		message += fmt.Sprintf("; and %d more", more)
	}
	if omitted > 0 {
		metadata["omitted"] = strconv.Itoa(omitted)
	}
	return detailed(codes.InvalidArgument, message, errorInfo("INVALID_FIELD", metadata), violations)
}

func errorInfo(reason string, metadata map[string]string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: reason, Domain: errorDomain, Metadata: metadata}
}

func withDetails(code codes.Code, message string, details ...protoadapt.MessageV1) error {
	st := detailed(code, message, details...)
	if trailerSize(st) > maxTrailer {
		st = detailed(code, cut(message, maxMessage), details...)
	}
	return st.Err()
}

func detailed(code codes.Code, message string, details ...protoadapt.MessageV1) *status.Status {
	st := status.New(code, message)
	if detailed, err := st.WithDetails(details...); err == nil {
		return detailed
	}
	return st
}

// trailerSize returns the size of a status in the metadata, in bytes. The metadata has the
// message, in which a byte that is not ASCII takes three, and the whole status in base64.
func trailerSize(st *status.Status) int {
	size := (proto.Size(st.Proto()) + 2) / 3 * 4
	for _, b := range []byte(st.Message()) {
		if size++; b < ' ' || b > '~' || b == '%' {
			size += 2
		}
	}
	return size
}

// cut shortens a text to at most the given number of bytes, and marks it with "…".
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
