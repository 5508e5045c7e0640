package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

const (
	// warmLimit bounds each step of a warm-up. If a step fails or takes longer, the first
	// calls load the data themselves.
	warmLimit = 20 * time.Second
	// languageLimit bounds the loading of what detects languages. No search can be answered
	// without it. It needs only CPU: a second or two, and 25 s on a machine with a load of 20
	// for each CPU.
	languageLimit = 5 * time.Minute
	// modelLimit is shorter than warmLimit, since searches answer by words while a model
	// server hangs.
	modelLimit = 5 * time.Second
	// warmCollections is the number of collections to prepare. The store keeps the
	// calibrations of as many in memory.
	warmCollections = 32
	warmAtOnce      = 4
	databasePause   = 200 * time.Millisecond
)

// warmUp loads the data that the first searches would otherwise wait for. The health of the
// search service is NOT_SERVING until it is done.
type warmUp struct {
	db       *store.Store
	spaces   *space.Registry
	servers  *modelservers.Servers
	searcher *search.Searcher
	maxConns int32
	limit    time.Duration // warmLimit
	detect   func()        // loads what detects languages
	log      *slog.Logger
	done     atomic.Bool
}

var errWarming = errors.New("the server is still loading the data that searches need")

// detectLanguage detects a language, which loads what that needs.
func detectLanguage() { language.Detect("Which language is this?") }

// check is a health check that fails until the warm-up is done.
func (w *warmUp) check(context.Context) error {
	if w.done.Load() {
		return nil
	}
	return errWarming
}

// run loads everything in parallel. It waits for the database, without which nothing can be
// searched, but only briefly for a model server.
func (w *warmUp) run(ctx context.Context) {
	begun := time.Now()
	var steps sync.WaitGroup
	step := func(what string, limit time.Duration, load func(context.Context) error) {
		steps.Go(func() {
			limited, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			begun := time.Now()
			err := guard.Call(func() error { return load(limited) })
			w.log.DebugContext(ctx, "warmed up", "what", what, "took", time.Since(begun).Round(time.Millisecond), "error", err)
		})
	}
	step("language detection", languageLimit, func(ctx context.Context) error { return runOrLeave(ctx, w.detect) })
	w.awaitDatabase(ctx)
	step("database connections", w.limit, func(ctx context.Context) error { return w.db.Connect(ctx, int(w.maxConns+1)/2) })
	step("calibrations", w.limit, func(ctx context.Context) error { return w.eachCollection(ctx, w.searcher.Warm) })
	step("model servers", modelLimit, func(ctx context.Context) error {
		err := w.eachCollection(ctx, func(ctx context.Context, collection string) error {
			_, err := w.spaces.Active(ctx, collection)
			return err
		})
		// A call that uses a deleted default collection creates it again. It then needs the
		// space that the model server offers.
		_, offerErr := w.servers.Offer(ctx, "")
		return errors.Join(err, offerErr)
	})
	step("default collection", w.limit, w.makeDefault)
	steps.Wait()
	if ctx.Err() == nil {
		w.done.Store(true)
		w.log.InfoContext(ctx, "ready to search", "took", time.Since(begun).Round(time.Millisecond))
	}
}

// makeDefault creates the default collection if there are no collections, so that the first
// call does not wait for it.
func (w *warmUp) makeDefault(ctx context.Context) error {
	list, err := w.db.ListCollections(ctx, "", 1)
	if err != nil || len(list) > 0 {
		return err
	}
	if _, err := w.spaces.Active(ctx, document.DefaultCollection); err != nil {
		return err
	}
	return w.searcher.Warm(ctx, document.DefaultCollection)
}

// awaitDatabase returns when the database answers, or ctx ends.
func (w *warmUp) awaitDatabase(ctx context.Context) {
	for w.db.PingReads(ctx) != nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(databasePause):
		}
	}
}

// eachCollection calls do for each collection, several at once. It returns one of the
// errors.
func (w *warmUp) eachCollection(ctx context.Context, do func(ctx context.Context, collection string) error) error {
	list, err := w.db.ListCollections(ctx, "", warmCollections)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(warmAtOnce)
	for _, c := range list {
		group.Go(guard.Func(func() error { return do(ctx, c.ID) }))
	}
	return group.Wait()
}

// runOrLeave returns when work is done or ctx ends. In the second case work continues in the
// background and must end by itself.
func runOrLeave(ctx context.Context, work func()) error {
	done := make(chan error, 1)
	go func() { done <- guard.Call(func() error { work(); return nil }) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stopGrace is how much longer a stop may take than the limit for calls in progress.
const stopGrace = 2 * time.Second

// endInTime runs a server. After ctx has ended, it returns within the limit plus stopGrace,
// even if run has not ended by then.
func endInTime(ctx context.Context, limit time.Duration, run func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- guard.Call(run) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(limit + stopGrace):
		return errors.New("some of the server's work did not end in time; the process ends without it, and nothing that was acknowledged is lost")
	}
}
