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
)

const (
	// seedTries are made before the greeting: some fifteen seconds where each fails
	// at once, as a model server takes that was just started again.
	seedTries = 5
	// seedPause is the mean wait before the second try. Each wait after it is twice
	// as long, up to maxSeedPause, and all vary by half either way.
	seedPause    = time.Second
	maxSeedPause = time.Minute
)

// seeder ingests the seeds until nothing of them fails that may pass. What is
// stored already is neither embedded nor written again by another try.
type seeder struct {
	// ingest tries once; passes says that what failed may do another time.
	ingest func(context.Context) (passes bool, err error)
	pause  time.Duration
	log    *slog.Logger
}

// run ingests, and returns once that is done, fails for good, or ctx ends. It calls
// settled once: when it is done, or after seedTries, with the rest of the tries to
// come.
func (s seeder) run(ctx context.Context, settled func()) {
	waits := backoff.ExponentialBackOff{InitialInterval: s.pause, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxSeedPause}
	waits.Reset()
	settle := sync.OnceFunc(settled)
	for try := 1; ; try++ {
		passes, err := s.ingest(ctx)
		if ctx.Err() != nil {
			return
		}
		wait := waits.NextBackOff()
		s.tell(ctx, try, passes, wait, err)
		done := err == nil || !passes
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

// tell logs what came of a try, as loud as it is bad.
func (s seeder) tell(ctx context.Context, try int, passes bool, wait time.Duration, err error) {
	log := s.log.With("try", try)
	if err != nil && !errors.Is(err, errReported) {
		log = log.With("error", message(err))
	}
	wait = wait.Round(time.Second / 10)
	switch {
	case err == nil && try > 1:
		log.InfoContext(ctx, "the seeds are ingested now")
	case err == nil:
	case !passes:
		log.ErrorContext(ctx, "SOME SEEDS ARE MISSING, and will not be tried again: mend what is reported above, then run `accord ingest` or start anew")
	case try < seedTries:
		log.WarnContext(ctx, "seeds failed, trying again", "wait", wait)
	default:
		log.ErrorContext(ctx, "SOME SEEDS ARE MISSING, searches do not find them: the servers are down or too slow; `accord doctor` says which, "+
			"and more CPU or longer --embedding-passage-timeout and --write-timeout may help; trying again until it works", "wait", wait)
	}
}

// seedAndGreet waits until the server can answer, ingests the seed folder and
// says how to ask, at the latest after some tries. Seeds that fail meanwhile are
// reported; the server serves what it has. It returns once there is no more to do.
func (c *serveCmd) seedAndGreet(ctx context.Context, log *slog.Logger, addr string, io streams) {
	if err := waitServing(ctx, addr); err != nil {
		return // the server is stopping
	}
	if c.Seed == "" {
		greet(addr, io)
		return
	}
	seed := ingestCmd{
		Paths: []string{c.Seed}, Collection: document.CollectionName(document.DefaultCollection), Output: "text",
		clientFlags: clientFlags{Addr: addr},
	}
	ingest := func(ctx context.Context) (bool, error) { return seed.ingest(ctx, io) }
	seeder{ingest: ingest, pause: seedPause, log: log}.run(ctx, func() { greet(addr, io) })
}

// greet says where the server is and how to ask it.
func greet(addr string, io streams) {
	host := addr
	if at, err := netip.ParseAddrPort(addr); err == nil && (at.Addr().IsLoopback() || at.Addr().IsUnspecified()) {
		host = fmt.Sprintf("localhost:%d", at.Port())
	}
	fmt.Fprintf(io.out, `
Accord serves on %s. Ask it, from another terminal:

  grpcurl -plaintext -d '{"query":"what was agreed on digital economy"}' %s accord.v1.SearchService/Search
  bin/accord search --addr %[2]s "what was agreed on digital economy"

ctrl-C stops it.
`, addr, host)
}

// waitServing returns when the server at addr says that it can answer.
func waitServing(ctx context.Context, addr string) error {
	conn, err := clientFlags{Addr: addr}.dial()
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
