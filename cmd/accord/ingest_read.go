package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"runtime"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/tree"
)

const (
	// maxReaders bounds --readers.
	maxReaders = 64
	// maxReading limits the total size in bytes of the files that are read and not yet
	// sent. A larger file is read alone. Reading a file takes up to ten times its size in
	// memory.
	maxReading = 16 << 20
	// minReading is the least that a file counts towards maxReading, since reading even a
	// small file takes this much memory.
	minReading = 64 << 10
)

// fileToRead is a file that is read, or an error of the walk in place of a file.
type fileToRead struct {
	input  tree.File
	walked error         // error of the walk; if set, there is no file
	done   chan struct{} // closed when it is read
	fatal  error         // ends the command, such as if the server does not answer

	file    corpus.File
	failed  error    // why parts of the file could not be read
	plan             // how the file is sent; empty in a dry run
	changes []change // what sending the file would change; only with --diff

	answering bool // whether some of its documents were sent before the import ended
}

// weight returns how much the file counts towards maxReading.
func (r *fileToRead) weight() int64 { return min(max(r.input.Size, minReading), maxReading) }

// reader reads files concurrently and passes them on in the order of a walk.
type reader struct {
	number  int                     // number of files that are read at a time
	read    func(*fileToRead) error // called concurrently; an error ends the run
	take    func(*fileToRead) error // called in order; the first error ends the run
	abandon func(*fileToRead)       // called in order for the file that ended the run and all later ones
}

// run reads the files. It returns the first error.
func (r reader) run(ctx context.Context, files iter.Seq2[tree.File, error]) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, alive := errgroup.WithContext(context.WithoutCancel(ctx)) // alive ends early only after a panic, so that files that are left are counted
	queue, jobs := make(chan *fileToRead, 4*r.number), make(chan *fileToRead)
	budget := semaphore.NewWeighted(maxReading)
	group.Go(guard.Func(func() error {
		defer close(queue)
		defer close(jobs)
		return walk(alive, files, budget, queue, jobs)
	}))
	for range r.number {
		group.Go(guard.Func(func() error {
			for next := range jobs {
				if next.walked == nil && ctx.Err() == nil {
					next.fatal = guard.Call(func() error { return r.read(next) })
				}
				close(next.done)
			}
			return nil
		}))
	}
	group.Go(guard.Func(func() error { return r.takeAll(ctx, alive, stop, queue, budget) }))
	return group.Wait()
}

// takeAll calls take for each file, in order, until the first error. It calls abandon for
// the file that caused the error and for all later ones, and returns the error.
func (r reader) takeAll(ctx, alive context.Context, stop func(), queue <-chan *fileToRead, budget *semaphore.Weighted) (ended error) {
	for next := range queue {
		select {
		case <-next.done:
		case <-alive.Done():
			return context.Cause(alive)
		}
		if ended == nil {
			if ended = cmp.Or(next.fatal, ctx.Err()); ended == nil {
				ended = r.take(next)
			}
			if ended != nil {
				stop()
				r.abandon(next)
			}
		} else {
			r.abandon(next)
		}
		budget.Release(next.weight())
	}
	return ended
}

// walk sends each file of a walk to all of the channels. It waits while the budget is
// used up.
func walk(ctx context.Context, files iter.Seq2[tree.File, error], budget *semaphore.Weighted, to ...chan<- *fileToRead) error {
	for input, err := range files {
		next := &fileToRead{input: input, walked: err, done: make(chan struct{})}
		if err := budget.Acquire(ctx, next.weight()); err != nil {
			return err
		}
		for _, channel := range to {
			select {
			case channel <- next:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

// readers returns how many files are read at a time.
func (c *ingestCmd) readers() int {
	if c.Readers > 0 {
		return c.Readers
	}
	return min(runtime.GOMAXPROCS(0), maxReaders)
}

// parse reads a file. If the reader panics, only this file fails.
func (c *ingestCmd) parse(next *fileToRead) {
	name := path.Join(c.Prefix, next.input.Name)
	err := guard.Call(func() (err error) {
		next.file, err = corpus.Reader{MaxBytes: c.MaxFileBytes, ColumnsAsText: c.Columns == "text"}.Read(next.input.Path, name)
		return err
	})
	var panicked *guard.PanicError
	if errors.As(err, &panicked) {
		err = &corpus.FileError{File: name, Err: fmt.Errorf("cannot be read because of a fault in Accord, which you may report with the file: %v", panicked.Value)}
	}
	next.failed = err
}

// reportRead reports what was read, parts that cannot be read, and documents whose id is used
// by another file. It removes these documents. ok is false if a part failed or a document
// was removed.
func (c *ingestCmd) reportRead(next *fileToRead, r *report) (ok bool) {
	var foreign *corpus.FileError
	name := path.Join(c.Prefix, next.input.Name)
	if errors.Is(next.failed, corpus.ErrForeign) && errors.As(next.failed, &foreign) {
		r.skipped(foreign)
		return true
	}
	r.countFormat(next.file)
	r.failedFiles(next.failed)
	for _, skipped := range next.file.Skipped {
		r.skipped(skipped)
	}
	r.decided(name, next.file)
	r.dropped(name, next.file.Dropped)
	r.warned(name, next.file.Warnings)
	ok = next.failed == nil
	own := next.file.Documents[:0]
	for _, d := range next.file.Documents {
		if first, taken := r.claim(d.ID); taken {
			ok = false
			r.failedFiles(sameID(next.input.Path, d.ID, c.nth(first)))
			continue
		}
		own = append(own, d)
	}
	next.file.Documents = own
	return ok
}

// sameID returns the error for a file with a document whose id a document of another file
// has.
func sameID(file, id, other string) error {
	return &corpus.FileError{File: file, Err: fmt.Errorf("%w %q, which a document of %s already has; rename one of the files", errSameID, id, other)}
}

var errSameID = errors.New("its document would get the id")

// nth returns the path of the nth file of a walk, counted from 1.
func (c *ingestCmd) nth(n int) string {
	globs, _ := tree.ParseGlobs(c.Include, c.Exclude) // Validate has checked them
	for f, err := range tree.Walk(c.Paths, globs) {
		if err != nil {
			continue
		}
		if n--; n == 0 {
			return f.Path
		}
	}
	return "another file"
}
