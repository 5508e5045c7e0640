package main

import (
	"context"
	"iter"
	"time"

	"github.com/accord-search/accord/internal/tree"
)

const (
	// watchPause is the pause before a failed pass is repeated. Each further failure
	// doubles it, up to maxWatchPause.
	watchPause    = time.Second
	maxWatchPause = time.Minute
)

// watch reads and sends the files, and then what changes, until ctx ends.
func (c *ingestCmd) watch(ctx context.Context, io streams) error {
	globs, err := tree.ParseGlobs(c.Include, c.Exclude)
	if err != nil {
		return err
	}
	watcher, err := tree.Watch(c.Paths, globs) // before the first pass, so that no change is missed
	if err != nil {
		return err
	}
	defer watcher.Close()
	im, err := c.newImporter(newReport(io, c.Output == "json", c.Explain))
	if err != nil {
		return err
	}
	defer im.close()
	changes, pause := tree.Changes{All: true, Gone: true}, watchPause
	for ctx.Err() == nil {
		retry, err := im.pass(ctx, io, globs, changes)
		if err != nil && ctx.Err() == nil {
			im.report.note("accord: %s", message(err))
			if !mayPass(err) {
				return errReported
			}
		}
		if retry {
			im.report.note("will try again in %v", pause)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, maxWatchPause)
			changes = tree.Changes{All: true, Gone: true}
			continue
		}
		pause = watchPause
		if changes, err = watcher.Next(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	im.report.note("watching has ended")
	return nil
}

// pass sends what has changed, and reports it. retry reports whether some of it failed and
// may succeed later.
func (im *importer) pass(ctx context.Context, io streams, globs tree.Globs, changes tree.Changes) (retry bool, err error) {
	im.report = newReport(io, im.Output == "json", im.Explain)
	files := listOfFiles(changes.Files)
	if changes.All {
		im.roots.close() // the server may have lost documents, and a failed request for its list is made again
		files = tree.Walk(im.Paths, globs)
	}
	if changes.All || len(changes.Files) > 0 {
		err = im.importFiles(ctx, files)
	}
	if err == nil && changes.Gone && im.Prune {
		err = im.pruneGone(ctx)
	}
	if ctx.Err() != nil || err != nil || im.report.did() {
		im.report.end(false, err)
	}
	return ctx.Err() == nil && (im.report.retriable || mayPass(err)), err
}

// listOfFiles returns an iterator over files.
func listOfFiles(files []tree.File) iter.Seq2[tree.File, error] {
	return func(yield func(tree.File, error) bool) {
		for _, f := range files {
			if !yield(f, nil) {
				return
			}
		}
	}
}
