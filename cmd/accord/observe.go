package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/exaring/otelpgx"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc/stats"

	"github.com/accord-search/accord/internal/admission"
	"github.com/accord-search/accord/internal/embed/health"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/server"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/telemetry/metrics"
	"github.com/accord-search/accord/internal/telemetry/tracing"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/access"
	"github.com/accord-search/accord/services/observe"
	v1 "github.com/accord-search/accord/services/v1"
)

// telemetryFlags configure the logs, metrics and traces of a server.
type telemetryFlags struct {
	LogQueries bool `env:"ACCORD_LOG_QUERIES" help:"Log the text of each search, with its confidence. Without this flag, no query is logged."`
}

// telemetrySet holds the metrics and the tracing of a server. tracing is nil if traces are
// off. Commands that are not servers use a nil *telemetrySet.
type telemetrySet struct {
	metrics *metrics.Metrics
	tracing *tracing.Tracing
	lanes   [admission.Streams + 1]struct{ running, refused atomic.Int64 }
}

// openTelemetry returns metrics, and traces if OTEL_EXPORTER_OTLP_ENDPOINT is set.
func openTelemetry(ctx context.Context, log *slog.Logger) (*telemetrySet, error) {
	traces, err := tracing.Open(ctx, versionText(), log)
	if err != nil {
		return nil, err
	}
	return &telemetrySet{metrics: metrics.New(versionName()), tracing: traces}, nil
}

func (t *telemetrySet) close() {
	if t.tracing != nil {
		t.tracing.Close()
	}
}

// statements returns the tracer of SQL statements, or nil if traces are off. It records
// only the statements of calls that are traced, without their values.
func (t *telemetrySet) statements() *otelpgx.Tracer {
	if t == nil || t.tracing == nil {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(t.tracing.Provider()), otelpgx.WithDisableConnectionDetailsInAttributes())
}

// requests returns the observer of requests to a model server, or nil.
func (t *telemetrySet) requests(server string) func(context.Context) (context.Context, func(error)) {
	if t == nil {
		return nil
	}
	return t.metrics.ModelServer(server)
}

// calls returns the observer of a server's calls.
func (t *telemetrySet) calls(log *slog.Logger) server.Observer {
	observer := observe.New(t.metrics, log, access.Known)
	seen := []stats.Handler{observer}
	if t.tracing != nil {
		seen = slices.Insert(seen, 0, otelgrpc.NewServerHandler(
			otelgrpc.WithTracerProvider(t.tracing.Provider()), otelgrpc.WithPropagators(propagation.TraceContext{}),
			otelgrpc.WithFilter(func(call *stats.RPCTagInfo) bool { return !strings.HasPrefix(call.FullMethodName, "/grpc.") }),
		))
	}
	return server.Observer{Unary: observer.Unary, Stream: observer.Stream, Stats: seen, Panicked: guard.Count}
}

// admission returns the observer that counts the calls that are let in and refused.
func (t *telemetrySet) admission() admission.Observer {
	for lane := admission.Reads; lane <= admission.Streams; lane++ {
		t.metrics.Lane(lane.String(), string(admission.Overloaded), string(admission.TooManyCalls), string(admission.TooFast))
	}
	return admissionObserver{t}
}

// admissionObserver implements admission.Observer.
type admissionObserver struct{ *telemetrySet }

// InFlight implements admission.Observer.
func (o admissionObserver) InFlight(lane admission.Lane, n int) {
	o.metrics.InFlight(lane.String(), n)
	o.lanes[lane].running.Store(int64(n))
}

// Shed implements admission.Observer.
func (o admissionObserver) Shed(lane admission.Lane, reason admission.Reason) {
	o.metrics.Shed(lane.String(), string(reason))
	o.lanes[lane].refused.Add(1)
}

// load returns the load of each lane.
func (t *telemetrySet) load() (out []v1.LaneLoad) {
	for lane := range t.lanes {
		out = append(out, v1.LaneLoad{
			Lane: admission.Lane(lane).String(), Running: t.lanes[lane].running.Load(), Refused: t.lanes[lane].refused.Load(),
		})
	}
	return out
}

// watch adds the gauges of a database and of model servers.
func (t *telemetrySet) watch(db *store.Store, servers *modelservers.Servers) {
	t.metrics.Watch(metrics.Sources{
		PoolConnections: func(context.Context) (map[string]float64, error) {
			pool := db.PoolConnections()
			return map[string]float64{"acquired": float64(pool.Acquired), "idle": float64(pool.Idle), "max": float64(pool.Max)}, nil
		},
		QueueDocuments: func(ctx context.Context) (map[string]float64, error) {
			pending, failed, err := db.QueueTotals(ctx)
			return map[string]float64{"PENDING": float64(pending), "FAILED": float64(failed)}, err
		},
		Spaces: func(ctx context.Context) (map[string]float64, error) {
			totals, err := db.SpaceTotals(ctx)
			states := map[string]float64{}
			for _, state := range []space.State{space.Building, space.Ready, space.Active, space.Retired} {
				states[string(state)] = float64(totals[state])
			}
			return states, err
		},
		ServersFailing: func(context.Context) (map[string]float64, error) {
			failing := map[string]float64{}
			for _, server := range servers.States() {
				failing[server.Name] = 0
				if server.State == health.Failing {
					failing[server.Name] = 1
				}
			}
			return failing, nil
		},
	})
}

// observedSearcher counts the answers of a searcher. It logs the queries if the
// configuration says so.
type observedSearcher struct {
	v1.Searcher
	metrics    *metrics.Metrics
	log        *slog.Logger
	logQueries bool
}

// Search implements v1.Searcher.
func (s observedSearcher) Search(ctx context.Context, req search.Request) (search.Response, error) {
	answer, err := s.Searcher.Search(ctx, req)
	confidence := strings.TrimPrefix(accordv1.MatchConfidence(answer.Confidence).String(), "MATCH_CONFIDENCE_")
	if s.logQueries {
		s.log.InfoContext(ctx, "search", "collection", req.Collection, "query", req.Query, "confidence", confidence, "error", err)
	}
	if err != nil {
		return answer, err
	}
	degraded := make([]string, len(answer.Degraded))
	for i, d := range answer.Degraded {
		degraded[i] = strings.TrimPrefix(accordv1.Degradation(d).String(), "DEGRADATION_")
	}
	s.metrics.Searched(confidence, degraded)
	return answer, nil
}
