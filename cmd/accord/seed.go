package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/server"
)

const (
	// seedTries is the number of tries before the greeting. If each fails at once, they
	// take about fifteen seconds in all, which is enough for a model server to restart.
	seedTries = 5
	// seedPause is the mean pause before the second try. Each later pause is twice as
	// long, up to maxSeedPause. All pauses vary by up to half.
	seedPause    = time.Second
	maxSeedPause = time.Minute
)

// seeder ingests the seeds, and tries again as long as a failure may be temporary. Another
// try neither embeds nor writes documents that are stored already.
type seeder struct {
	// ingest makes one try. retriable reports whether some failures may succeed later.
	ingest func(context.Context) (retriable bool, err error)
	pause  time.Duration
	log    *slog.Logger
}

// run ingests until it succeeds, fails for good, or ctx ends. Unless ctx ends first, it
// calls settled once: when it succeeds or fails for good, but at the latest after
// seedTries.
func (s seeder) run(ctx context.Context, settled func()) {
	waits := backoff.ExponentialBackOff{InitialInterval: s.pause, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxSeedPause}
	waits.Reset()
	settle := sync.OnceFunc(settled)
	for try := 1; ; try++ {
		retriable, err := s.ingest(ctx)
		if ctx.Err() != nil {
			return
		}
		wait := waits.NextBackOff()
		s.logTry(ctx, try, retriable, wait, err)
		done := err == nil || !retriable
		if done || try == seedTries {
			settle()
		}
		if done {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// logTry logs the outcome of a try.
func (s seeder) logTry(ctx context.Context, try int, retriable bool, wait time.Duration, err error) {
	log := s.log.With("try", try)
	if err != nil && !errors.Is(err, errReported) {
		log = log.With("error", message(err))
	}
	wait = wait.Round(time.Second / 10)
	switch {
	case err == nil && try > 1:
		log.InfoContext(ctx, "all seeds are ingested now")
	case err == nil:
	case !retriable:
		log.ErrorContext(ctx, "SOME SEEDS ARE MISSING and will not be retried: fix the errors above, then run `accord ingest` or restart the server")
	case try < seedTries:
		log.WarnContext(ctx, "seeds failed, will retry", "wait", wait)
	default:
		log.ErrorContext(ctx, "SOME SEEDS ARE MISSING and searches do not find them: the servers are down or too slow; `accord doctor` shows which, "+
			"and more CPU or longer --embedding-passage-timeout and --write-timeout may help; will retry until it works", "wait", wait)
	}
}

// seedAndGreet waits until the server can answer, ingests the seed folder and prints how to
// search, at the latest after seedTries. It reports failures; the server serves what it
// has. It returns when nothing is left to ingest.
func (c *serveCmd) seedAndGreet(ctx context.Context, log *slog.Logger, srv *server.Server, web *server.HTTP, io streams) {
	inside := clientFlags{connect: srv.Dial}
	if err := waitServing(ctx, inside); err != nil {
		return // the server is stopping
	}
	greet := func() { c.greet(srv.Addr().String(), web, io) }
	if c.Seed == "" {
		greet()
		return
	}
	seed := ingestCmd{
		Paths: []string{c.Seed}, Collection: collectionName(document.CollectionName(document.DefaultCollection)), Output: "text",
		clientFlags: inside,
	}
	ingest := func(ctx context.Context) (bool, error) { return seed.ingest(ctx, io) }
	seeder{ingest: ingest, pause: seedPause, log: log}.run(ctx, greet)
}

// greet prints the server's addresses and how to search.
func (c *serveCmd) greet(addr string, web *server.HTTP, io streams) {
	host := addr
	if at, err := netip.ParseAddrPort(addr); err == nil && (at.Addr().IsLoopback() || at.Addr().IsUnspecified()) {
		host = fmt.Sprintf("localhost:%d", at.Port())
	}
	if c.TLSCert != "" || !c.has("none") {
		fmt.Fprintf(io.out, "\nAccord serves on %s with TLS or credentials; docs/security.md shows how clients connect.\n\nCtrl-C stops it.\n", addr)
		return
	}
	fmt.Fprintf(io.out, `
Accord serves on %s. Ask a question from another terminal:

  grpcurl -plaintext -d '{"query":"what was agreed on digital economy"}' %s accord.v1.SearchService/Search
  bin/accord search --addr %[2]s "what was agreed on digital economy"
`, addr, host)
	if web != nil {
		fmt.Fprintf(io.out, `
Open %s in a browser to search and read. The API is there, too, and /docs describes it:

  curl %[1]s/v1/collections/default/documents:search -d '{"query":"what was agreed on digital economy"}'
`, web.URL())
	}
	fmt.Fprint(io.out, "\nCtrl-C stops it.\n")
}

// waitServing returns nil when a server reports that it can answer. It returns an error if
// its health cannot be watched, or if ctx ends first.
func waitServing(ctx context.Context, client clientFlags) error {
	conn, err := client.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	watch, err := healthgrpc.NewHealthClient(conn).Watch(ctx, &healthgrpc.HealthCheckRequest{})
	for err == nil {
		var reply *healthgrpc.HealthCheckResponse
		if reply, err = watch.Recv(); err == nil && reply.GetStatus() == healthgrpc.HealthCheckResponse_SERVING {
			return nil
		}
	}
	return err
}
