// Package telemetry lets the rest of Accord be observed: it times stages, gives calls an
// id, and adds these ids to the log. Package metrics counts; package tracing exports
// traces.
package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Stage is a part of a search or of a write.
type Stage int

// The stages.
const (
	SearchEmbed    Stage = iota // makes the vector of the query
	SearchLexical               // finds passages that share terms
	SearchRetrieve              // finds passages with the nearest vectors
	SearchScores                // gives each passage the score of the leg that did not find it
	SearchRank                  // puts all passages into one order, translations included
	SearchRerank                // asks the reranking server
	SearchList                  // applies the rules for copies, diversity and shares of languages
	SearchHits                  // reads the passages of a page with their documents
	SearchCite                  // finds highlights, neighbours and translations
	IngestRead                  // reads the stored state of the document
	IngestChunk                 // cuts the text into passages
	IngestEmbed                 // cuts windows and gets their vectors
	IngestStore                 // runs the transaction, including the wait for its turn
	stageCount
)

// stageNames has the operation and the name of each stage.
var stageNames = [stageCount][2]string{
	SearchEmbed: {"search", "embed"}, SearchLexical: {"search", "lexical"}, SearchRetrieve: {"search", "retrieve"},
	SearchScores: {"search", "scores"}, SearchRank: {"search", "rank"}, SearchRerank: {"search", "rerank"},
	SearchList: {"search", "list"}, SearchHits: {"search", "hits"}, SearchCite: {"search", "cite"},
	IngestRead: {"ingest", "read"}, IngestChunk: {"ingest", "chunk"}, IngestEmbed: {"ingest", "embed"}, IngestStore: {"ingest", "store"},
}

// Stages returns all stages.
func Stages() []Stage {
	all := make([]Stage, stageCount)
	for i := range all {
		all[i] = Stage(i)
	}
	return all
}

// Operation returns "search" or "ingest".
func (s Stage) Operation() string { return stageNames[s][0] }

// Name returns the name of the stage within its operation.
func (s Stage) Name() string { return stageNames[s][1] }

// Recorder gets the time of each stage.
type Recorder interface {
	Stage(stage Stage, took time.Duration)
}

// Timer is a stage in progress.
type Timer struct {
	stage    Stage
	begun    time.Time
	recorder Recorder   // may be nil
	span     trace.Span // nil if the call is not traced
}

// Start begins a stage of the call in ctx. Use the returned context within the stage, so
// that its spans become children of the stage's span.
func Start(ctx context.Context, stage Stage) (context.Context, Timer) {
	t := Timer{stage: stage, begun: time.Now(), recorder: callOf(ctx).Recorder}
	if tracer := tracerOf(ctx); tracer != nil {
		ctx, t.span = tracer.Start(ctx, stage.Operation()+"."+stage.Name())
	}
	return ctx, t
}

// End ends the stage. If the stage failed, its span gets the error; its time is recorded in
// any case.
func (t Timer) End(err error) {
	if t.recorder != nil {
		t.recorder.Stage(t.stage, time.Since(t.begun))
	}
	endSpan(t.span, err)
}

// StartRequest begins the span of a request to another server. The returned function ends
// the span.
func StartRequest(ctx context.Context, name string) (context.Context, func(error)) {
	tracer := tracerOf(ctx)
	if tracer == nil {
		return ctx, func(error) {}
	}
	ctx, span := tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(err error) { endSpan(span, err) }
}

// tracerOf returns the tracer of the span of ctx, or nil if there is no span or it is not
// recorded.
func tracerOf(ctx context.Context) trace.Tracer {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return nil
	}
	return parent.TracerProvider().Tracer("github.com/accord-search/accord")
}

func endSpan(span trace.Span, err error) {
	if span == nil {
		return
	}
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}
