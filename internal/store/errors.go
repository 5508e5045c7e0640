package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
)

var (
	// ErrUnavailable means that Postgres could not be reached or did not answer in
	// time. The caller may try again.
	ErrUnavailable = errors.New("postgres is unavailable")
	// ErrSchema means that the database does not have the schema that this binary
	// needs. `accord migrate` creates it.
	ErrSchema = errors.New("the database's schema does not match")
)

// classify wraps the error of a statement in a sentinel. The caller's own cancellation
// or deadline stays as it is. A connection that broke, timed out or was refused is
// ErrUnavailable. A lost conflict with another writer is document.ErrChanged. A missing
// table is ErrSchema.
func classify(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrSchema) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case lostConflict(pg):
			return fmt.Errorf("%w: %w", document.ErrChanged, err)
		case undefinedObject(pg.Code):
			return fmt.Errorf("%w: run `accord migrate`: %w", ErrSchema, err)
		case serverState(pg.Code):
			return fmt.Errorf("%w: %s", ErrUnavailable, pg.Message)
		}
		return err
	}
	if connectionError(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// lostConflict reports whether a statement failed because of a concurrent one: a
// deadlock, a serialisation failure, or a table that was dropped with its collection or
// calibration after it was looked up. A retry sees the current state.
func lostConflict(pg *pgconn.PgError) bool {
	return pg.Code == "40P01" || pg.Code == "40001" ||
		pg.Code == "42P01" && slices.ContainsFunc([]string{vectorTablePrefix, centredTablePrefix, termTablePrefix}, func(prefix string) bool {
			return strings.Contains(pg.Message, `"`+prefix)
		})
}

// undefinedObject reports whether a table, schema or column of the schema is missing.
func undefinedObject(sqlState string) bool {
	return sqlState == "42P01" || sqlState == "3F000" || sqlState == "42703"
}

// serverState reports whether an SQLSTATE is about the server and not about the
// statement: connection exceptions (08), insufficient resources (53), shutdown, crash,
// start-up, idle timeout (57P…).
func serverState(sqlState string) bool {
	return sqlState[:2] == "08" || sqlState[:2] == "53" || sqlState[:3] == "57P"
}

// connectionError reports whether err is about the connection and not about the
// statement.
func connectionError(err error) bool {
	var (
		connect *pgconn.ConnectError
		network net.Error
	)
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, pgconn.ErrConnClosed) || pgconn.SafeToRetry(err)
}
