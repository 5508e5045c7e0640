package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Position is a place in the write-ahead log of Postgres. A server that has replayed the
// log up to a position has every transaction that was committed before the position was
// read. 0 is the beginning.
type Position uint64

// errPosition is the error of ParsePosition. Its text is for callers of the service.
var errPosition = errors.New("is not a position in the write-ahead log, such as 16/B374D848; use one that a write returned")

// ParsePosition reads a position in the format of Postgres: two hexadecimal numbers of
// 32 bits, separated by a slash.
func ParsePosition(text string) (Position, error) {
	high, low, _ := strings.Cut(text, "/")
	h, highErr := strconv.ParseUint(high, 16, 32)
	l, lowErr := strconv.ParseUint(low, 16, 32)
	if highErr != nil || lowErr != nil || len(high) > 8 || len(low) > 8 {
		return 0, errPosition
	}
	return Position(h<<32 | l), nil
}

// String implements fmt.Stringer.
func (p Position) String() string { return fmt.Sprintf("%X/%X", uint64(p)>>32, uint32(p)) }

// nowAt selects the current position of a server, the primary or a replica.
const nowAt = `(CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0') ELSE pg_current_wal_insert_lsn() END)::text`

// replayedAt selects how far a replica has replayed the log. It is 0/0 on a server that is
// not a replica, or no longer one, since positions after a promotion belong to another log.
const replayedAt = `coalesce(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END, '0/0')::text`

// systemIdentifier selects the number that a server and its replicas share.
const systemIdentifier = "(SELECT system_identifier::text FROM pg_control_system())"

// Position returns the current position of the server that ctx reads from. On the primary,
// everything that was committed before is before the position.
func (s *Store) Position(ctx context.Context) (at Position, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		at, err = scanPosition(s.db(ctx).QueryRow(ctx, "SELECT "+nowAt))
		return err
	})
	return at, err
}

func scanPosition(row interface{ Scan(to ...any) error }) (Position, error) {
	var text string
	if err := row.Scan(&text); err != nil {
		return 0, err
	}
	return ParsePosition(text)
}

// Replicated reports whether there are replicas.
func (s *Store) Replicated() bool { return len(s.replicas.list) > 0 }
