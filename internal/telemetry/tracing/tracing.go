// Package tracing exports traces by OTLP over gRPC. The standard variables OTEL_* configure
// it.
package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// closeTimeout bounds the export of what is left at the end.
const closeTimeout = 3 * time.Second

// Tracing is a trace provider that exports.
type Tracing struct{ provider *sdktrace.TracerProvider }

// Open returns a Tracing that OTEL_* configure. It returns nil if no endpoint is set in
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT, or if OTEL_SDK_DISABLED
// or OTEL_TRACES_EXPORTER turn traces off. It makes no connection, so that the collector may
// start later.
func Open(ctx context.Context, version string, log *slog.Logger) (*Tracing, error) {
	if !enabled() {
		return nil, nil
	}
	exporter, err := otlptracegrpc.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "accord"), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(), resource.WithHost(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	return &Tracing{sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&loggedExporter{SpanExporter: exporter, log: log}), sdktrace.WithResource(about),
	)}, nil
}

func enabled() bool {
	endpoint := os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") + os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")
	return endpoint != "" && !strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") && os.Getenv("OTEL_TRACES_EXPORTER") != "none"
}

// Provider returns the trace provider.
func (t *Tracing) Provider() trace.TracerProvider { return t.provider }

// Close exports the remaining spans, for a few seconds at most.
func (t *Tracing) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // the exporter logs its errors
}

// loggedExporter logs once when the collector fails, and once when it works again.
type loggedExporter struct {
	sdktrace.SpanExporter
	log     *slog.Logger
	failing atomic.Bool
}

// ExportSpans implements sdktrace.SpanExporter.
func (e *loggedExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	switch failed := err != nil; {
	case e.failing.Swap(failed) == failed:
	case failed:
		e.log.WarnContext(ctx, "traces cannot be exported and are dropped", "error", err)
	default:
		e.log.InfoContext(ctx, "traces are exported again")
	}
	return nil
}
