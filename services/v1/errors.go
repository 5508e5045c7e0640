package v1

import (
	"context"
	"errors"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/accord-search/accord/internal/activation"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/maintenance"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

// errorDomain is the domain of every ErrorInfo.
const errorDomain = "accord"

// retryDelay is the delay in RetryInfo, for errors that a retry may fix.
const retryDelay = time.Second

// publicError is what callers see of an error: its status code, its reason and its message.
// message is set if the error may wrap an error of Postgres or of a model server, which
// could reveal table names or addresses. The log has the whole error.
type publicError struct {
	err     error
	code    codes.Code
	reason  string
	message string // if empty, callers see the error's own message
}

// modelMismatch is the message of errors about vectors of another model.
const modelMismatch = "no configured model server makes the vectors of the collection's embedding space; " +
	"the operator has to configure a server of its model again, or to create and activate a space of another model"

// publicErrors maps the sentinel errors of the domain; the first match applies. An error
// without a match becomes INTERNAL, and only the log has its cause.
var publicErrors = []publicError{
	{document.ErrNotFound, codes.NotFound, "NOT_FOUND", ""},
	{document.ErrAlreadyExists, codes.AlreadyExists, "ALREADY_EXISTS", ""},
	{document.ErrNotEmpty, codes.FailedPrecondition, "COLLECTION_NOT_EMPTY", ""},
	{space.ErrNotReady, codes.FailedPrecondition, "SPACE_NOT_READY", ""},
	{space.ErrActive, codes.FailedPrecondition, "SPACE_ACTIVE", ""},
	{space.ErrUnknownServer, codes.FailedPrecondition, "MODEL_SERVER_UNKNOWN", "no model server of that name is configured; leave model_server empty for the default one, or ask the operator for the names"},
	{activation.ErrOverlapTooLow, codes.FailedPrecondition, "OVERLAP_TOO_LOW", ""},
	{document.ErrPrecondition, codes.Aborted, "PRECONDITION_FAILED", ""},
	{document.ErrChanged, codes.Aborted, "CONCURRENT_WRITE", "another call changed the same data at the same time; repeat the call"},
	{store.ErrLocked, codes.Unavailable, "DATABASE_LOCKED", "what the call needs is locked in the database by something else; try again (it is safe to repeat writes)"},
	{store.ErrUnavailable, codes.Unavailable, "DATABASE_UNAVAILABLE", "the database cannot be reached or did not answer in time; try again (it is safe to repeat writes)"},
	{store.ErrDenied, codes.FailedPrecondition, "DATABASE_ACCESS_DENIED", "the database denies access to this server; whoever runs it must correct the user, the password, the privileges or the name of the database"},
	{store.ErrSchema, codes.FailedPrecondition, "SCHEMA_MISMATCH", "the database does not have the schema that this server needs; run `accord migrate`"},
	{search.ErrExpired, codes.InvalidArgument, "PAGE_TOKEN_EXPIRED", ""},
	{search.ErrNoReranker, codes.FailedPrecondition, "RERANKER_NOT_CONFIGURED", ""},
	{search.ErrNoVector, codes.Unavailable, "EMBEDDER_UNAVAILABLE", "the model server gave no vector of the query; try again, or set on_embedder_failure to search by words alone"},
	{embed.ErrUnavailable, codes.Unavailable, "EMBEDDER_UNAVAILABLE", "the model server cannot be reached, is overloaded or did not answer in time; try again (it is safe to repeat writes)"},
	{embed.ErrModelMismatch, codes.FailedPrecondition, "MODEL_MISMATCH", modelMismatch},
	{space.ErrModelMismatch, codes.FailedPrecondition, "MODEL_MISMATCH", modelMismatch},
	{embed.ErrRejected, codes.FailedPrecondition, "EMBEDDER_REJECTED", "the model server refuses the request as it is configured; the operator finds its answer in the server's log"},
	{embed.ErrBadVectors, codes.Internal, "EMBEDDER_BAD_VECTORS", "the model server's answer has no usable vectors; the operator finds it in the server's log"},
	{maintenance.ErrNoReferenceTexts, codes.FailedPrecondition, "EMBEDDER_REJECTED", "the model server embeds no texts in a language of the collection; the operator finds its answer in the server's log"},
	{embed.ErrInvalidText, codes.InvalidArgument, "TEXT_NOT_EMBEDDABLE", ""},
	{errStopping, codes.Unavailable, "SERVER_STOPPING", ""},
	{errIdle, codes.DeadlineExceeded, "IMPORT_IDLE", ""},
	{ingest.ErrNoMore, codes.Unavailable, "SERVER_STOPPING", ""}, // the error of a document whose import was cut off
	{context.DeadlineExceeded, codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed before the answer was ready"},
	{context.Canceled, codes.Canceled, "CANCELLED", "the caller cancelled the call"},
}

// transportError means that a message of a stream could not be received or sent. Callers see
// its status unchanged.
type transportError struct{ err error }

// Error implements error.
func (e *transportError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *transportError) Unwrap() error { return e.err }

// toStatus converts an error to the status that callers see, following AIP-193: a code, a
// helpful message, one ErrorInfo, and further details that apply. It ignores statuses
// inside of domain errors, since they may come from a model server.
func (s *Services) toStatus(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var (
		transport *transportError
		invalid   *invalidError
		fault     *document.FieldError
		panicked  *guard.PanicError
	)
	switch {
	case errors.As(err, &panicked): // its text has a stack trace, whatever the panic's value was
		return s.internalStatus(ctx, err)
	case errors.As(err, &transport):
		return transport.err
	case errors.As(err, &invalid):
		return badRequest(invalid.faults)
	case errors.As(err, &fault):
		return badRequest([]*document.FieldError{fault})
	}
	for _, p := range publicErrors {
		if errors.Is(err, p.err) {
			return s.publicStatus(ctx, p, err)
		}
	}
	return s.internalStatus(ctx, err)
}

func (s *Services) internalStatus(ctx context.Context, err error) error {
	s.cfg.Logger.ErrorContext(ctx, "internal error", "error", err)
	return withDetails(codes.Internal, "internal error; see the server's log", errorInfo("INTERNAL", nil))
}

func (s *Services) publicStatus(ctx context.Context, p publicError, err error) error {
	message := p.message
	var public interface{ Public() string }
	if errors.As(err, &public) {
		message = public.Public()
	}
	if message == "" {
		message = err.Error()
	} else if p.code != codes.Canceled {
		s.cfg.Logger.WarnContext(ctx, "call failed", "reason", p.reason, "error", err)
	}
	details := []protoadapt.MessageV1{errorInfo(p.reason, metadataOf(err))}
	if p.code == codes.Unavailable {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(retryDelay)})
	}
	return withDetails(p.code, message, details...)
}

// metadataOf returns the variable parts of the message. AIP-193 requires them in the
// metadata of ErrorInfo too.
func metadataOf(err error) map[string]string {
	var (
		resource *document.ResourceError
		overlap  *activation.OverlapError
		ended    *endedImportError
	)
	switch {
	case errors.As(err, &ended):
		return map[string]string{"answered": strconv.Itoa(ended.answered)}
	case errors.As(err, &resource):
		return map[string]string{"name": resource.Name}
	case errors.As(err, &overlap):
		return overlap.Figures()
	default:
		return nil
	}
}
