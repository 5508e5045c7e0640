package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"testing"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/tree"
)

// TestReaderPanics: a panic while files are walked or their pieces are taken ends the run, although
// readers have pieces that nobody takes any more.
func TestReaderPanics(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"walk", "take"} {
		var files iter.Seq2[tree.File, error] = func(yield func(tree.File, error) bool) {
			for i := 0; i < 20 && yield(tree.File{Name: fmt.Sprint(i)}, nil); i++ {
				if where == "walk" && i == 10 {
					panic(where)
				}
			}
		}
		begun, taken := 0, 0
		err := reader{
			number: 4,
			read: func(_ *fileToRead, give func(*filePiece) error) error {
				for range 10 {
					if err := give(&filePiece{}); err != nil {
						return err
					}
				}
				return nil
			},
			begin: func(*fileToRead) error { begun++; return nil },
			take: func(*fileToRead, *filePiece) error {
				if taken++; where == "take" && taken == 3 {
					panic(where)
				}
				return nil
			},
			end:     func(*fileToRead) error { return nil },
			abandon: func(*fileToRead) {},
		}.run(context.Background(), files)
		var panicked *guard.PanicError
		if !errors.As(err, &panicked) || panicked.Value != where {
			t.Errorf("%s: after %d files: %v", where, begun, err)
		}
	}
}

// TestMemoryOfTests: an ingest within this process does not limit the memory of the servers of
// other tests.
func TestMemoryOfTests(t *testing.T) {
	t.Parallel()
	mustAccord(t, "ingest", "--dry-run", writeFile(t, t.TempDir(), "note.txt", "The two sides signed an agreement on digital trade.\n"))
	if limit := debug.SetMemoryLimit(-1); limit == memoryLimit {
		t.Errorf("an ingest has limited the memory of all tests to %d bytes", limit)
	}
}
