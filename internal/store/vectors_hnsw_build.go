package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// buildWorkers is the number of parallel workers requested for a build. Postgres
	// starts fewer if max_parallel_workers or maintenance_work_mem is small.
	buildWorkers = 4
	// maxBuildMemory bounds the maintenance_work_mem of a build, in kB. A build is
	// several times slower if the index does not fit.
	maxBuildMemory = 1 << 20
	// buildOverhead is the memory in bytes that a row needs during a build in addition to
	// its vector.
	buildOverhead = 1_000
	// buildPoll is the time between checks whether a build of another server has ended.
	buildPoll = time.Second
)

// buildIndex builds one index without blocking writers. Rows that are written after it has
// begun are fresh. It first removes the remains of an interrupted build. If another server
// is building for the same space, it waits for that if wait is set, and returns otherwise.
func (k *indexKeeper) buildIndex(ctx context.Context, t centredTable, language string, rows int64, wait bool) error {
	ctx, cancel := context.WithTimeout(ctx, indexBuildLimit)
	defer cancel()
	for {
		var building bool
		err := k.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_progress_create_index p
			JOIN calibrations c ON p.relid = to_regclass(quote_ident(c.centred_table))
			JOIN calibrations own USING (collection_id, space_id) WHERE own.centred_table = $1)`, t.name).Scan(&building)
		if err != nil || building && !wait {
			return err
		}
		if !building {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(buildPoll):
		}
	}
	_, err := k.pool.Exec(ctx, `UPDATE calibrations SET indexing = array_append(indexing, $2)
		WHERE centred_table = $1 AND $2 <> ALL(indexing)`, t.name, language)
	if err != nil {
		return err
	}
	start := time.Now()
	err = k.createIndex(ctx, t, language, rows, buildWorkers)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "53100" || pg.Code == "53200") {
		// The error is disk_full or out_of_memory: parallel workers need shared memory, and
		// containers have little.
		err = k.createIndex(ctx, t, language, rows, 0)
	}
	if err == nil {
		k.log.InfoContext(ctx, "vector index built", "table", t.name, "language", language, "rows", rows, "duration", time.Since(start))
	}
	return err
}

// createIndex creates an index over a connection of its own, with the given number of
// workers.
func (k *indexKeeper) createIndex(ctx context.Context, t centredTable, language string, rows int64, workers int) error {
	conn, err := k.connectBuilder(ctx, rows*int64(2*t.dimensions+buildOverhead)>>10, workers)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var broken bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid)", quoteTable(indexName(t.name, language))).Scan(&broken)
	if err != nil {
		return err
	}
	var ddl []string
	if broken {
		ddl = append(ddl, dropIndexDDL(t, language))
	}
	ddl = append(ddl, buildIndexDDL(t, language))
	for _, sql := range ddl {
		if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	return nil
}

// connectBuilder opens a connection with the settings of a build. The settings apply to the
// whole connection, because CREATE INDEX CONCURRENTLY cannot run in a transaction. If a
// pooler refuses the settings, the connection has none of them.
func (k *indexKeeper) connectBuilder(ctx context.Context, memory int64, workers int) (*pgx.Conn, error) {
	var usual int64
	if err := k.pool.QueryRow(ctx, "SELECT setting::bigint FROM pg_settings WHERE name = 'maintenance_work_mem'").Scan(&usual); err != nil {
		return nil, err
	}
	cfg := k.pool.Config().ConnConfig
	cfg.RuntimeParams["maintenance_work_mem"] = strconv.FormatInt(max(usual, min(memory, maxBuildMemory)), 10) + "kB"
	cfg.RuntimeParams["max_parallel_maintenance_workers"] = strconv.Itoa(workers)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return conn, err
	}
	return pgx.ConnectConfig(ctx, k.pool.Config().ConnConfig)
}
