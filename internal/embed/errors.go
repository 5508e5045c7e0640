package embed

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/accord-search/accord/internal/embed/driver"
)

// Sentinels for errors.Is. The text of a wrapping error names the server, the model
// and the answer.
var (
	// ErrUnavailable means that the server, even after retries, could not be reached,
	// did not answer in time, is overloaded or failed (5xx).
	ErrUnavailable = errors.New("embedding server unavailable")
	// ErrRejected means that the server refuses the request as it is: a wrong key, an
	// unknown model or a text that is too long.
	ErrRejected = errors.New("embedding server refused the request")
	// ErrBadVectors means that the server answered, but not with one finite vector
	// for each text, all of the same length.
	ErrBadVectors = errors.New("embedding server returned no usable vectors")
	// ErrModelMismatch means that the server's model is not the model of the profile in
	// use, or not the configured model.
	ErrModelMismatch = errors.New("embedding model mismatch")
	// ErrInvalidText means that a text cannot be sent to a server.
	ErrInvalidText = errors.New("text cannot be embedded")

	// errTruncated means that a server did not read all of a text. Callers see it as the
	// Failure of a text, or as an error if the server reads almost nothing.
	errTruncated = fmt.Errorf("%w: it read only the beginning of a text", ErrBadVectors)
)

// Unavailable reports whether err was caused by the server and may be temporary. Other
// errors are caused by the request or the configuration.
func Unavailable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrBadVectors)
}

// isAway reports whether err shows that a server was unreachable or not ready, so that a
// different server may answer next. A server that is only slow is still the same.
func isAway(err error) bool { return isDown(err) && !errors.Is(err, context.DeadlineExceeded) }

// classify wraps a driver's error with its sentinel.
func classify(err error) error {
	if errors.Is(err, driver.ErrMalformed) {
		return fmt.Errorf("%w: %w", ErrBadVectors, err)
	}
	var failure *driver.Error
	if errors.As(err, &failure) && isRefusal(failure.Status) {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// isRefusal reports whether a status means that the same request would be refused again.
func isRefusal(status int) bool {
	return status >= 300 && status < 500 &&
		status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
}

// mayBeText reports whether the content or the number of a request's texts may be the cause
// of the error, so that a part of the request may succeed.
func mayBeText(err error) bool {
	if errors.Is(err, ErrBadVectors) {
		return true
	}
	var failure *driver.Error
	if !errors.As(err, &failure) {
		return false
	}
	return isTooLarge(err) || isServerFailure(err) && failure.Status != http.StatusServiceUnavailable
}

// isServerFailure reports whether err has a status with which a server reports its own
// failure.
func isServerFailure(err error) bool {
	var failure *driver.Error
	return errors.As(err, &failure) && failure.Status >= 500
}

// isTooLarge reports whether err has a status with which servers refuse a text that is too
// long, or too many texts. The status differs between servers and their versions.
func isTooLarge(err error) bool {
	var failure *driver.Error
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return true
	}
	return false
}
