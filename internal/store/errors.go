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
	// ErrUnavailable says that Postgres could not be reached or did not answer
	// in time. The call may be tried again.
	ErrUnavailable = errors.New("postgres is unavailable")
	// ErrSchema says that the database does not hold the schema that this
	// binary needs; `accord migrate` makes it.
	ErrSchema = errors.New("the database's schema does not match")
)

// classify names what went wrong with a statement: the caller's own end of
// patience stays as it is; a connection that broke, timed out or was refused
// is ErrUnavailable; what lost against another writer is document.ErrChanged; a
// missing table is ErrSchema.
func classify(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrSchema) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case contended(pg):
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

// contended reports whether a statement lost against another: a deadlock, an
// overtaken snapshot, or a table that was dropped with its collection or
// calibration between the look for it and its use. Asked again, it finds what is
// there now.
func contended(pg *pgconn.PgError) bool {
	return pg.Code == "40P01" || pg.Code == "40001" ||
		pg.Code == "42P01" && slices.ContainsFunc([]string{vectorTablePrefix, centredTablePrefix, termTablePrefix}, func(prefix string) bool {
			return strings.Contains(pg.Message, `"`+prefix)
		})
}

// undefinedObject: a table, schema or column that the schema would have.
func undefinedObject(sqlState string) bool {
	return sqlState == "42P01" || sqlState == "3F000" || sqlState == "42703"
}

// serverState reports whether an SQLSTATE speaks of the server and not of the
// statement: connection exceptions (08), no resources (53), shutdown, crash,
// start-up, idle timeout (57P…).
func serverState(sqlState string) bool {
	return sqlState[:2] == "08" || sqlState[:2] == "53" || sqlState[:3] == "57P"
}

// connectionError reports whether err is of the connection and not of what was
// asked over it.
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
