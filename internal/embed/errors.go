package embed

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/accord-search/accord/internal/embed/driver"
)

// Sentinels, compared with errors.Is. The text of an error that wraps one says
// which server, which model, and what it answered.
var (
	// ErrUnavailable says that the server could not be reached, did not answer
	// in time, is overloaded or failed (5xx), retries included.
	ErrUnavailable = errors.New("embedding server unavailable")
	// ErrRejected says that the server refuses the request as it is: a wrong
	// key, an unknown model, a text too long for it.
	ErrRejected = errors.New("embedding server refused the request")
	// ErrBadVectors says that the server answered, but not with one finite
	// vector of one length for each text.
	ErrBadVectors = errors.New("embedding server gave no usable vectors")
	// ErrModelMismatch says that the server's model is not the one of the
	// profile in use or of the configuration.
	ErrModelMismatch = errors.New("embedding model mismatch")
	// ErrInvalidText says that a text is not one to ask a server about.
	ErrInvalidText = errors.New("text cannot be embedded")

	// errTruncated says that a server read less of its texts than they hold. It
	// leaves the package as the failure of a text, or where a server reads next to
	// nothing.
	errTruncated = fmt.Errorf("%w: it read only the beginning of a text", ErrBadVectors)
)

// Unavailable reports whether an error is the server's fault, so that it may
// pass, and not of what it was asked or how it is configured.
func Unavailable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrBadVectors)
}

// gone reports whether an error says that a server was not there, or not ready:
// what answers next may be another one. One that is slow is still the same.
func gone(err error) bool { return down(err) && !errors.Is(err, context.DeadlineExceeded) }

// classify gives a driver's error its sentinel.
func classify(err error) error {
	if errors.Is(err, driver.ErrMalformed) {
		return fmt.Errorf("%w: %w", ErrBadVectors, err)
	}
	var failure *driver.Error
	if errors.As(err, &failure) && refuses(failure.Status) {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// refuses reports whether a status says that the same request will never do.
func refuses(status int) bool {
	return status >= 300 && status < 500 &&
		status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
}

// ofText reports whether a request may have failed for what one of its texts is,
// or for how many they are, so that a part of it may do.
func ofText(err error) bool {
	if errors.Is(err, ErrBadVectors) {
		return true
	}
	var failure *driver.Error
	if !errors.As(err, &failure) {
		return false
	}
	return tooMuch(err) || failedItself(err) && failure.Status != http.StatusServiceUnavailable
}

// failedItself reports whether an error has a status by which a server says that
// it failed, and not that it refuses.
func failedItself(err error) bool {
	var failure *driver.Error
	return errors.As(err, &failure) && failure.Status >= 500
}

// tooMuch reports whether an error has a status by which servers say that a text
// is too long or that there are too many: which one differs from server to
// server, and from version to version.
func tooMuch(err error) bool {
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
