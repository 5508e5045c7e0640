package embedtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
)

// Key is the API key that drivers under test send. No error may show it.
const Key driver.Secret = "sk-hidden"

// Subject is a driver under test.
type Subject struct {
	Model      string
	Dimensions int
	// Info is the expected description of the server that Well starts.
	Info driver.Info
	// Open returns a driver for the server at base. Run closes it when the test ends.
	Open func(t testing.TB, base *url.URL, key driver.Secret) driver.Driver
	// Well starts a healthy server that speaks the driver's wire format and stops
	// when the test ends. It calls record for each request for vectors. The server
	// answers with the functions Vector (for Dimensions) and Tokens, whatever the Input
	// of the texts.
	Well func(t testing.TB, record func(Sent)) *url.URL
	// Faults are the faults that every driver must handle (see required), and others that
	// are special to this driver's servers.
	Faults []Fault
	// FixedDimensions means that requests of the wire format cannot set dimensions.
	FixedDimensions bool
}

// Sent has the parts of a request for vectors besides its texts.
type Sent struct {
	Authorization string
	Dimensions    int
}

// Fault is a failing server, and the error that its driver must return.
type Fault struct {
	Name  string
	Start func(t testing.TB) *url.URL
	// Want has the Status, Temporary and RetryAfter of the expected error. Its Err is the
	// error to be wrapped; nil means any except driver.ErrMalformed.
	Want driver.Error
	// Says is the beginning of the excerpt of the answer.
	Says string
	// Describes means that Describe must fail in the same way.
	Describes bool
}

// required are the names of the faults that every Subject must have.
var required = []string{
	"unauthorised", "too long", "overloaded", "failed", "loading",
	"too few", "too many", "reset", "cut off", "hang", "drip",
}

// Run checks that a driver implements the contract of driver.Driver.
func Run(t *testing.T, s Subject) {
	t.Run("embeds in order", s.embedsInOrder)
	t.Run("serves concurrent callers", s.servesConcurrently)
	t.Run("sends", s.sends)
	t.Run("describes", s.describes)
	for _, fault := range s.Faults {
		t.Run("reports "+fault.Name, func(t *testing.T) { s.reports(t, fault) })
	}
	for _, name := range required {
		if !slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Name == name }) {
			t.Errorf("the suite lacks the required fault %q", name)
		}
	}
}

// open returns a driver for the server at base. The URL gets credentials and a query, which
// no error may show.
func (s Subject) open(t *testing.T, base *url.URL) driver.Driver {
	t.Helper()
	base.User = url.UserPassword("user", "hidden-password")
	base.RawQuery = "key=hidden-key"
	return s.Open(t, base, Key)
}

// well starts a healthy server and returns a driver for it.
func (s Subject) well(t *testing.T) driver.Driver {
	t.Helper()
	base := s.Well(t, func(Sent) {})
	return s.Open(t, base, "")
}

func (s Subject) embedsInOrder(t *testing.T) {
	t.Parallel()
	d := s.well(t)
	texts := []string{
		"digital economy", "数字经济合作", "cooperación en la economía digital",
		`quotes " and \ back`, "line\nbreak\tand <tags> & 🎉", "digital economy",
	}
	for _, input := range []driver.Input{driver.Query, driver.Passage} {
		resp, err := d.Embed(t.Context(), driver.Request{Model: s.Model, Texts: texts, Input: input})
		if err != nil {
			t.Fatal(err)
		}
		var want [][]float32
		for _, text := range texts {
			want = append(want, Vector(text, s.Dimensions))
		}
		if diff := cmp.Diff(want, resp.Vectors); diff != "" {
			t.Errorf("%v: vectors (-want +got):\n%s", input, diff)
		}
		if resp.Model != "" && resp.Model != s.Model {
			t.Errorf("answer names model %q, want %q or none", resp.Model, s.Model)
		}
		if want := Tokens(texts); resp.Tokens != want {
			t.Errorf("%d tokens are reported, want %d", resp.Tokens, want)
		}
	}
}

func (s Subject) servesConcurrently(t *testing.T) {
	t.Parallel()
	d := s.well(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			text := fmt.Sprintf("text number %d", i)
			resp, err := d.Embed(t.Context(), driver.Request{Model: s.Model, Texts: []string{text}})
			if err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff([][]float32{Vector(text, s.Dimensions)}, resp.Vectors); diff != "" {
				t.Errorf("%s: vectors (-want +got):\n%s", text, diff)
			}
		})
	}
	wg.Wait()
}

// sends checks that the key and the dimensions are sent if they are set.
func (s Subject) sends(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		key  driver.Secret
		want Sent
	}{
		{"", Sent{}},
		{Key, Sent{Authorization: "Bearer " + string(Key)}},
		{Key, Sent{Authorization: "Bearer " + string(Key), Dimensions: 4}},
	} {
		var got Sent
		d := s.Open(t, s.Well(t, func(sent Sent) { got = sent }), tc.key)
		_, err := d.Embed(t.Context(), driver.Request{Model: s.Model, Texts: []string{"one"}, Dimensions: tc.want.Dimensions})
		if s.FixedDimensions && tc.want.Dimensions > 0 {
			var failure *driver.Error
			if !errors.As(err, &failure) || failure.Status != 400 || failure.Temporary {
				t.Errorf("got error %v, want a permanent error with status 400: dimensions cannot be requested", err)
			}
			continue
		}
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	}
}

func (s Subject) describes(t *testing.T) {
	t.Parallel()
	d := s.well(t)
	for _, model := range []string{"", s.Model, s.Model} {
		info, err := d.Describe(t.Context(), model)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.Info, info); diff != "" {
			t.Errorf("info of %q (-want +got):\n%s", model, diff)
		}
	}
}

func (s Subject) reports(t *testing.T, fault Fault) {
	t.Parallel()
	ctx := t.Context()
	if errors.Is(fault.Want.Err, context.DeadlineExceeded) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
	}
	d := s.open(t, fault.Start(t))
	_, err := d.Embed(ctx, driver.Request{Model: s.Model, Texts: []string{"one", "two"}})
	fault.check(t, err)
	if err != nil && !strings.Contains(err.Error(), strconv.Quote(s.Model)) {
		t.Errorf("error %q does not name model %q", err, s.Model)
	}
	if fault.Describes {
		_, err := d.Describe(ctx, s.Model)
		fault.check(t, err)
	}
}

// check compares an error with the expected one.
func (f Fault) check(t *testing.T, err error) {
	t.Helper()
	var failure *driver.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got error %v (%T), want a *driver.Error", err, err)
	}
	got := driver.Error{Status: failure.Status, Temporary: failure.Temporary, RetryAfter: failure.RetryAfter}
	want := driver.Error{Status: f.Want.Status, Temporary: f.Want.Temporary, RetryAfter: f.Want.RetryAfter}
	if errors.Is(f.Want.Err, context.DeadlineExceeded) {
		got.Status = want.Status // the status may or may not arrive before the deadline
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error %v (-want +got):\n%s", failure, diff)
	}
	if f.Want.Err != nil && !errors.Is(failure, f.Want.Err) || f.Want.Err == nil && errors.Is(failure, driver.ErrMalformed) {
		t.Errorf("got error %v, want one that wraps %v", failure, f.Want.Err)
	}
	if !strings.HasPrefix(failure.Body, f.Says) {
		t.Errorf("excerpt %q, want the beginning of the answer, %q", failure.Body, f.Says)
	}
	if len(failure.Body) > 512 || strings.ContainsAny(failure.Body, "\n\t\x00") {
		t.Errorf("excerpt of %d bytes is not one short line: %q", len(failure.Body), failure.Body)
	}
	if strings.Contains(failure.Error(), "hidden") || strings.Contains(failure.Server, "user") {
		t.Errorf("error shows credentials: %v", failure)
	}
	if !strings.Contains(failure.Server, "://127.0.0.1:") {
		t.Errorf("error names server %q, want it as asked", failure.Server)
	}
}
