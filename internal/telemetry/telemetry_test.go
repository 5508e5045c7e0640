package telemetry

import (
	"context"
	"errors"
	"testing"
	"time"
)

// times counts stages.
type times map[Stage]int

func (t times) Stage(s Stage, _ time.Duration) { t[s]++ }

// TestStart: a stage is recorded once, with or without an error, even if the work outlives
// the context of its caller.
func TestStart(t *testing.T) {
	t.Parallel()
	seen := times{}
	ctx, cancel := context.WithCancel(NewContext(t.Context(), Call{RequestID: "a", Recorder: seen}))
	cancel()
	for _, err := range []error{nil, errors.New("failed")} {
		_, stage := Start(ctx, SearchRank)
		stage.End(err)
	}
	carried := Carry(t.Context(), ctx)
	_, stage := Start(carried, IngestChunk)
	stage.End(nil)
	if seen[SearchRank] != 2 || seen[IngestChunk] != 1 || carried.Err() != nil || callOf(carried).RequestID != "a" {
		t.Errorf("recorded %v", seen)
	}
	_, stage = Start(t.Context(), SearchRank) // without a call
	stage.End(nil)
}

// TestStageNames: each stage has a name of its own.
func TestStageNames(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, s := range Stages() {
		name := s.Operation() + "." + s.Name()
		if len(s.Name()) == 0 || names[name] {
			t.Errorf("stage %d has the name %q", s, name)
		}
		names[name] = true
	}
}

// TestStartDoesNotAllocate: a stage that is not traced does not allocate.
func TestStartDoesNotAllocate(t *testing.T) {
	ctx := NewContext(t.Context(), Call{Recorder: times{SearchRank: 0}})
	if n := testing.AllocsPerRun(100, func() {
		_, stage := Start(ctx, SearchRank)
		stage.End(nil)
	}); n > 0 {
		t.Errorf("%v allocations a stage", n)
	}
}

func BenchmarkStage(b *testing.B) {
	b.ReportAllocs()
	ctx := NewContext(b.Context(), Call{Recorder: times{SearchRank: 0}})
	for b.Loop() {
		_, stage := Start(ctx, SearchRank)
		stage.End(nil)
	}
}
