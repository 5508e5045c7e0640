package guard_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/guard"
)

func TestCall(t *testing.T) {
	t.Parallel()
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
