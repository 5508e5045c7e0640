package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Position is a place in the write-ahead log of Postgres. What was committed before a
// position was read is seen by whoever has replayed the log up to it. 0 is before all.
type Position uint64

// errPosition is told to callers.
var errPosition = errors.New("is not a position in the write-ahead log, such as 16/B374D848, as a write answered it")

// ParsePosition reads a position as Postgres writes it: two hexadecimal numbers of 32
// bits with a slash between them.
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

// nowAt is the position up to which a server, the primary or a replica, has come.
const nowAt = `(CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0') ELSE pg_current_wal_insert_lsn() END)::text`

// systemIdentifier is the number that a server and its replicas share.
const systemIdentifier = "(SELECT system_identifier::text FROM pg_control_system())"

// Position returns the position up to which the server that ctx reads from has come:
// that of the primary is behind all that was committed before.
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
