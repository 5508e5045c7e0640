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
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	// maxReaders bounds --readers.
	maxReaders = 64
	// maxReading limits the total size in bytes of the files that are read and not yet
	// sent. A larger file is read alone. Reading a file that is not read in pieces takes up
	// to ten times its size in memory.
	maxReading = 16 << 20
	// minReading is the least that a file counts towards maxReading, since reading even a
	// small file takes this much memory.
	minReading = 64 << 10
)

// fileToRead is a file that is read piece by piece, or an error of the walk in place of a
// file.
type fileToRead struct {
	input  tree.File
	walked error           // error of the walk; if set, there is no file
	pieces chan *filePiece // closed when the file is read
	fatal  error           // ends the command, such as if the server does not answer; set before pieces is closed

	plan
	outcome
}

// outcome is the result of the pieces of a file that were taken so far.
type outcome struct {
	counted bool // whether its format was counted
	read    int  // number of documents that were read
	partly  bool // whether a part of it was not read, or a document was not sent
	sent    *sentFile
}

// filePiece is a piece of a file.
type filePiece struct {
	file   corpus.File
	failed error // why parts could not be read

	documents []*accordv1.Document
	refused   map[string]error // by name: why a document is not sent
	// preconditions has a precondition for each document, by name. It is empty with
	// --replace-root.
	preconditions map[string]*accordv1.Precondition
	changes       []change // what sending it would change; only with --diff
}

// weight returns how much the file counts towards maxReading.
func (r *fileToRead) weight() int64 { return min(max(r.input.Size, minReading), maxReading) }

// reader reads files concurrently and passes them on in the order of a walk.
type reader struct {
	number int // number of files that are read at a time
	// read reads a file and passes on its pieces until give returns an error. It is called
	// concurrently. An error ends the run.
	read    func(next *fileToRead, give func(*filePiece) error) error
	begin   func(*fileToRead) error             // called in order, before the pieces of a file; an error ends the run
	take    func(*fileToRead, *filePiece) error // called in order for each piece; an error ends the run
	end     func(*fileToRead) error             // called in order, after the pieces of a file; an error ends the run
	abandon func(*fileToRead)                   // called in order for the file that ended the run and all later ones
}

// run reads the files. It returns the first error.
func (r reader) run(ctx context.Context, files iter.Seq2[tree.File, error]) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, alive := errgroup.WithContext(context.WithoutCancel(ctx)) // alive ends early only after a panic, so that files that are left are counted
	defer context.AfterFunc(alive, stop)()                           // or else readers would wait for ever for their pieces to be taken
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
					next.fatal = guard.Call(func() error { return r.read(next, next.giver(ctx)) })
				}
				close(next.pieces)
			}
			return nil
		}))
	}
	group.Go(guard.Func(func() error { return r.takeAll(ctx, alive, stop, queue, budget) }))
	return group.Wait()
}

// giver returns a function that passes on a piece. It fails when ctx ends.
func (r *fileToRead) giver(ctx context.Context) func(*filePiece) error {
	return func(piece *filePiece) error {
		select {
		case r.pieces <- piece:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// takeAll takes the files in order until the first error. It calls abandon for the file
// that caused the error and for all later ones, and returns the error.
func (r reader) takeAll(ctx, alive context.Context, stop func(), queue <-chan *fileToRead, budget *semaphore.Weighted) (ended error) {
	for next := range queue {
		if ended == nil {
			if ended = r.takeFile(ctx, alive, next); alive.Err() != nil {
				return context.Cause(alive)
			}
		}
		if ended != nil {
			stop()
			r.abandon(next)
		}
		budget.Release(next.weight())
	}
	return ended
}

// takeFile takes the pieces of a file.
func (r reader) takeFile(ctx, alive context.Context, next *fileToRead) (err error) {
	for begun := false; ; {
		var piece *filePiece
		select {
		case piece = <-next.pieces:
		case <-alive.Done():
			return context.Cause(alive)
		}
		if err = ctx.Err(); piece == nil {
			err = cmp.Or(next.fatal, err)
		}
		if err == nil && !begun {
			begun, err = true, r.begin(next)
		}
		switch {
		case err != nil:
			return err
		case piece == nil:
			return r.end(next)
		}
		if err = r.take(next, piece); err != nil {
			return err
		}
	}
}

// walk sends each file of a walk to all of the channels. It waits while the budget is
// used up.
func walk(ctx context.Context, files iter.Seq2[tree.File, error], budget *semaphore.Weighted, to ...chan<- *fileToRead) error {
	for input, err := range files {
		next := &fileToRead{input: input, walked: err, pieces: make(chan *filePiece, 1)}
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

// parse reads a file piece by piece, until visit returns an error. If the reader panics,
// only the rest of this file fails.
func (c *ingestCmd) parse(next *fileToRead, visit func(*filePiece) error) (ended error) {
	name := path.Join(c.Prefix, next.input.Name)
	err := guard.Call(func() error {
		for file, failed := range (corpus.Reader{MaxBytes: c.MaxFileBytes, ColumnsAsText: c.Columns == "text"}).Pieces(next.input.Path, name) {
			ended = guard.Call(func() error { return visit(&filePiece{file: file, failed: failed}) })
			if ended != nil {
				return nil
			}
		}
		return nil
	})
	var panicked *guard.PanicError
	if errors.As(err, &panicked) {
		return visit(&filePiece{failed: &corpus.FileError{File: name, Err: fmt.Errorf("cannot be read because of a fault in Accord, which you may report with the file: %v", panicked.Value)}})
	}
	return ended
}

// reportRead reports what was read of a file, parts that cannot be read, and documents
// whose id is used by another file. It removes these documents.
func (c *ingestCmd) reportRead(next *fileToRead, piece *filePiece, r *report) {
	var foreign *corpus.FileError
	name := path.Join(c.Prefix, next.input.Name)
	if errors.Is(piece.failed, corpus.ErrForeign) && errors.As(piece.failed, &foreign) {
		r.skipped(foreign)
		return
	}
	if !next.counted && piece.file.Format != "" {
		next.counted = true
		r.countFormat(piece.file.Format)
	}
	r.failedFiles(piece.failed)
	for _, skipped := range piece.file.Skipped {
		r.skipped(skipped)
	}
	r.decided(name, piece.file, next.read)
	r.dropped(name, piece.file.Dropped, next.read)
	r.warned(name, piece.file.Warnings)
	next.read += len(piece.file.Documents)
	next.partly = next.partly || piece.failed != nil
	if next.compared.Unchanged { // an unchanged file keeps its ids, even if an earlier file has the same ones
		return
	}
	own := piece.file.Documents[:0]
	for _, d := range piece.file.Documents {
		if first, taken := r.claim(d.ID); taken {
			next.partly = true
			r.failedFiles(sameID(next.input.Path, d.ID, c.nth(first)))
			continue
		}
		own = append(own, d)
	}
	piece.file.Documents = own
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
