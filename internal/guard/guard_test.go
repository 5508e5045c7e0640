package guard_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/guard"
)

func TestCall(t *testing.T) { // not parallel: it counts the panics of the process
	var list []int
	for name, test := range map[string]struct {
		f     func() error
		is    error
		holds string
	}{
		"no error":                 {f: func() error { return nil }},
		"an error":                 {f: func() error { return io.EOF }, is: io.EOF, holds: "EOF"},
		"a panic":                  {f: func() error { panic("bad text") }, holds: "panic: bad text\n"},
		"a panic with an error":    {f: func() error { panic(io.EOF) }, is: io.EOF, holds: "guard_test.go"},
		"a panic of the runtime":   {f: func() error { list[3] = 1; return nil }, holds: "index out of range"},
		"a panic below other code": {f: func() error { return guard.Call(func() error { panic("deep") }) }, holds: "panic: deep"},
	} {
		before := guard.Panics()
		var group errgroup.Group
		group.Go(guard.Func(test.f))
		err := group.Wait()
		if (err == nil) != (test.holds == "") || test.is != nil && !errors.Is(err, test.is) || err != nil && !strings.Contains(err.Error(), test.holds) {
			t.Errorf("%s: got error %v", name, err)
		}
		if panicked := strings.HasPrefix(name, "a panic"); panicked != (guard.Panics() > before) {
			t.Errorf("%s: %d panics were counted", name, guard.Panics()-before)
		}
	}
}

// TestLog checks that a panic of background work is logged with the name of the task, and
// that work without a panic logs nothing.
func TestLog(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	var tasks sync.WaitGroup
	tasks.Go(guard.Log(log, "quiet", func() {}))
	tasks.Wait()
	if said.Len() != 0 {
		t.Errorf("without a panic: logged %q", said.String())
	}
	tasks.Go(guard.Log(log, "removal", func() { panic("bad row") }))
	tasks.Wait()
	if line := said.String(); !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "task=removal") || !strings.Contains(line, "bad row") {
		t.Errorf("logged %q", line)
	}
}
