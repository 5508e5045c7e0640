package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// slowModel starts a model server that takes the given time for each request and handles at
// most atOnce requests at once.
func slowModel(t testing.TB, takes time.Duration, atOnce int) (url string) {
	t.Helper()
	model, slots := newModel(), make(chan struct{}, atOnce)
	return embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			case <-r.Context().Done():
				return
			}
			select {
			case <-time.After(takes):
			case <-r.Context().Done():
				return
			}
		}
		model.ServeHTTP(w, r)
	})).URL
}

// tally counts the outcomes of calls.
type tally struct {
	mu       sync.Mutex
	outcomes map[string]int
	took     []time.Duration // times of the answered calls
}

// answered, shed, late and failed are the outcomes of a call.
const (
	answered = "answered"
	shed     = "shed, with a delay"
	late     = "died at its deadline"
)

func (o *tally) add(err error, took time.Duration) {
	outcome := answered
	switch st := status.Convert(err); {
	case err == nil:
	case st.Code() == codes.ResourceExhausted && slices.ContainsFunc(st.Details(), func(d any) bool { _, ok := d.(*errdetails.RetryInfo); return ok }):
		outcome = shed
	case st.Code() == codes.DeadlineExceeded:
		outcome = late
	default:
		outcome = err.Error()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.outcomes[outcome]++
	if err == nil {
		o.took = append(o.took, took)
	}
}

var asked atomic.Int64

// askOnce sends a new question with a deadline.
func (a api) askOnce(ctx context.Context, deadline time.Duration, o *tally) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	begun := time.Now()
	_, err := a.search.Search(ctx, &accordv1.SearchRequest{Query: fmt.Sprintf("Did port %d open?", asked.Add(1))})
	o.add(err, time.Since(begun))
}

// closedLoop lets a number of callers ask one question after the other for the given time,
// and returns the outcomes.
func (a api) closedLoop(ctx context.Context, callers int, last time.Duration, deadline time.Duration) *tally {
	o, end := &tally{outcomes: map[string]int{}}, time.Now().Add(last)
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				a.askOnce(ctx, deadline, o)
			}
		})
	}
	all.Wait()
	return o
}

// openLoop sends questions at a fixed rate for the given time, whether or not they are
// answered, and returns the outcomes.
func (a api) openLoop(ctx context.Context, perSecond float64, last, deadline time.Duration) *tally {
	o := &tally{outcomes: map[string]int{}}
	var all sync.WaitGroup
	begun := time.Now()
	for n := 0; time.Since(begun) < last && ctx.Err() == nil; n++ {
		time.Sleep(time.Until(begun.Add(time.Duration(float64(n) / perSecond * float64(time.Second)))))
		all.Go(func() { a.askOnce(ctx, deadline, o) })
	}
	all.Wait()
	return o
}

// capacity returns how many questions per second are answered to patient callers.
func (a api) capacity(ctx context.Context, callers int, last time.Duration) float64 {
	return float64(a.closedLoop(ctx, callers, last, callDeadline).outcomes[answered]) / last.Seconds()
}

// TestOverload: at four times its capacity a server answers nearly as many calls as it can,
// refuses the others at once, and works normally afterwards.
func TestOverload(t *testing.T) {
	t.Parallel()
	const deadline, last = 4 * time.Second, 8 * time.Second
	for what, modelURL := range map[string]string{
		"slow model server": slowModel(t, 300*time.Millisecond, 4),
		"dead model server": "http://" + freeAddr(t),
	} {
		t.Run(what, func(t *testing.T) {
			url := storetest.URL(t)
			seed := newAPI(t, serve(t, "--database-url", url, "--embedding-url", embedtest.Serve(t, newModel()).URL))
			if err := do(t, seed.write); err != nil {
				t.Fatal(err)
			}
			a := newAPI(t, serve(t, "--database-url", url, "--embedding-url", modelURL))
			a.healthy(t, true, searchService)
			capacity := a.capacity(t.Context(), 16, last/2)
			got := a.openLoop(t.Context(), 4*capacity, last, deadline)
			goodput := float64(got.outcomes[answered]) / last.Seconds()
			t.Logf("capacity %.1f/s, goodput %.1f/s, %v", capacity, goodput, got.outcomes)
			if capacity < 1 || goodput < capacity/2 {
				t.Errorf("answers %.1f/s of %.1f/s, want at least half", goodput, capacity)
			}
			total := 0
			for _, n := range got.outcomes {
				total += n
			}
			if unanswered := total - got.outcomes[answered] - got.outcomes[shed]; unanswered > total/20 {
				t.Errorf("outcomes %v, want answers and refusals with a delay", got.outcomes)
			}
			if err := do(t, func(ctx context.Context) error { _, _, err := a.askByDefault(ctx, question); return err }); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}
