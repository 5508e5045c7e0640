package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// processTime returns the CPU time of this process.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// backendTime returns the CPU time of all backends of a database that serve clients.
// Autovacuum runs in other backends.
func backendTime(b *testing.B, conn *pgx.Conn) (sum time.Duration) {
	b.Helper()
	rows, err := conn.Query(context.Background(), "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'")
	if err != nil {
		b.Fatal(err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		b.Fatal(err)
	}
	for _, pid := range pids {
		sum += timeOf(b, pid)
	}
	return sum
}

// waitForRest waits until a process is nearly idle. A server loads its language
// detection models for seconds after it has started to serve.
func waitForRest(b *testing.B, pid int) {
	b.Helper()
	const look = 500 * time.Millisecond
	for range 60 {
		before := timeOf(b, pid)
		time.Sleep(look)
		if timeOf(b, pid)-before < look/20 {
			return
		}
	}
}

// timeOf returns the CPU time of a process.
func timeOf(b *testing.B, pid int) (sum time.Duration) {
	b.Helper()
	const tick = 10 * time.Millisecond // Linux's clock tick in user space
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	for _, field := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(n) * tick
	}
	return sum
}
