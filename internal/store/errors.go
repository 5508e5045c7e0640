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
	// ErrUnavailable means that Postgres could not be reached, did not answer in time, or
	// accepts no writes now. The caller may retry.
	ErrUnavailable = errors.New("postgres is unavailable")
	// ErrLocked wraps ErrUnavailable: somebody else held a lock for too long.
	ErrLocked = fmt.Errorf("%w: a lock is held elsewhere", ErrUnavailable)
	// ErrDenied means that Postgres refuses the user, the password or the database of the
	// configured URL, or that the user lacks a privilege. Retrying does not help.
	ErrDenied = errors.New("postgres denies access")
	// ErrSchema means that the database does not have the schema that this binary
	// needs. `accord migrate` creates it.
	ErrSchema = errors.New("the database's schema does not match")
)

// classify wraps the error of a statement in a sentinel. The caller's own cancellation or
// deadline is not wrapped. Errors of Postgres are distinguished by their SQLSTATE, never by
// their text, which depends on the server's lc_messages. A missing table becomes ErrSchema;
// Store.classify finds out whether the table was dropped with its owner.
func classify(ctx context.Context, err error) error {
	sentinel := sentinelOf(err)
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrSchema) || sentinel == nil {
		return err
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}

// classify is like the function classify, with two differences. If the store is being
// closed, a cancelled statement gets ErrUnavailable. If a table is missing although the
// database has the schema, the table was dropped with its collection, space or calibration
// after it was looked up. The error is then document.ErrChanged, since a retry sees the
// current state.
func (s *Store) classify(ctx context.Context, err error) error {
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case errors.Is(err, context.Canceled) && s.running.Err() != nil:
		return fmt.Errorf("%w: this server is stopping: %w", ErrUnavailable, err)
	case !isGone(err):
		return classify(ctx, err)
	}
	limited, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	if failed := checkSchema(limited, s.probe); failed != nil {
		return fmt.Errorf("%w: %w", classify(ctx, failed), err)
	}
	return fmt.Errorf("%w: %w", document.ErrChanged, err)
}

// sentinelOf returns the sentinel for an error of pgx, or nil.
func sentinelOf(err error) error {
	var pg *pgconn.PgError
	switch {
	case !errors.As(err, &pg):
		if connectionError(err) {
			return ErrUnavailable
		}
		return nil
	case lostConflict(pg.Code):
		return document.ErrChanged
	case undefinedObject(pg.Code):
		return ErrSchema
	case denied(pg.Code):
		return ErrDenied
	case waitedForLock(err):
		return ErrLocked
	case serverState(pg.Code), notNow(pg.Code):
		return ErrUnavailable
	}
	return nil
}

// Unavailable reports whether an error of a Store is about the state of the database, and not
// about what was read or written.
func (*Store) Unavailable(err error) bool {
	for _, state := range []error{ErrUnavailable, ErrDenied, ErrSchema, document.ErrChanged} {
		if errors.Is(err, state) {
			return true
		}
	}
	return false
}

// TimedOut reports whether an error of a Store means that something took longer than its
// time limit. It returns false if the reason was a lock that is held elsewhere.
func (*Store) TimedOut(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return tookTooLong(pg.Code)
	}
	return errors.Is(err, ErrUnavailable) && errors.Is(err, context.DeadlineExceeded)
}

// isGone reports whether a table does not exist.
func isGone(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42P01" // undefined_table
}

// lostConflict reports whether an SQLSTATE means that the statement was the victim of a
// conflict: a deadlock or a serialisation failure.
func lostConflict(sqlState string) bool { return sqlState == "40P01" || sqlState == "40001" }

// denied reports whether an SQLSTATE means that the user, the password or the database
// is wrong: invalid authorisation (28), a missing privilege, a missing database.
func denied(sqlState string) bool {
	return strings.HasPrefix(sqlState, "28") || sqlState == "42501" || sqlState == "3D000"
}

// isReadOnly reports whether a write reached a server that accepts only reads, such as a
// standby after a failover.
func isReadOnly(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == readOnly
}

// waitedForLock reports whether a statement failed because it waited too long for a lock.
func waitedForLock(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == lockNotAvailable
}

const (
	readOnly         = "25006" // read_only_sql_transaction
	lockNotAvailable = "55P03" // not available within lock_timeout
)

// notNow reports whether an SQLSTATE means that the statement may succeed later or
// elsewhere.
func notNow(sqlState string) bool { return sqlState == readOnly || tookTooLong(sqlState) }

// tookTooLong reports whether an SQLSTATE means that the statement was cancelled, for example
// by statement_timeout, or that its transaction took too long.
func tookTooLong(sqlState string) bool {
	return slices.Contains([]string{"57014", "25P03", "25P04"}, sqlState)
}

// undefinedObject reports whether a table, schema or column of the schema is missing.
func undefinedObject(sqlState string) bool {
	return sqlState == "42P01" || sqlState == "3F000" || sqlState == "42703"
}

// serverState reports whether an SQLSTATE is about the server and not about the statement:
// connection exceptions (08), insufficient resources (53), and shutdown, crash, start-up or
// idle timeout (57P…).
func serverState(sqlState string) bool {
	return strings.HasPrefix(sqlState, "08") || strings.HasPrefix(sqlState, "53") || strings.HasPrefix(sqlState, "57P")
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
