// Package metrics has the Prometheus metrics of a server. deploy/metrics.json lists their
// names and labels. All values of labels are bounded: none comes from a request.
package metrics

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/telemetry"
)

// Upper bounds of buckets, in seconds. Stages and searches take from a tenth of a
// millisecond, imports up to minutes.
var (
	shortBuckets = []float64{.0002, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}
	longBuckets  = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
)

// Values of labels that exist from the start, so that their rates begin at 0.
var (
	// degradations are the reasons of degraded searches.
	degradations = []string{"EMBEDDER_UNAVAILABLE", "LEXICAL_UNAVAILABLE", "RERANKER_UNAVAILABLE"}
	// confidences are the confidences of answers.
	confidences = []string{"CONFIDENT", "UNCERTAIN", "OFF_TOPIC"}
)

// Metrics are the metrics of one server, with a registry of their own.
type Metrics struct {
	registry *prometheus.Registry

	requests    *prometheus.CounterVec
	duration    *prometheus.HistogramVec
	inFlight    *prometheus.GaugeVec
	shed        *prometheus.CounterVec
	degraded    *prometheus.CounterVec
	confidence  *prometheus.CounterVec
	serverCalls *prometheus.CounterVec
	serverTime  *prometheus.HistogramVec
	stages      []prometheus.Observer // by telemetry.Stage
}

// New returns the metrics of a server. version is the version of that server.
func New(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.requests = m.counter("accord_rpc_requests_total", "Calls that ended, by method and status code.", "method", "code")
	m.duration = m.histogram("accord_rpc_duration_seconds", "Time of calls, in seconds.", longBuckets, "method")
	m.inFlight = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "accord_rpc_in_flight", Help: "Calls in progress, by lane."}, []string{"lane"})
	m.shed = m.counter("accord_rpc_shed_total", "Calls that were refused because their lane was full.", "lane", "reason")
	m.degraded = m.counter("accord_search_degraded_total", "Searches that were answered without a part that was down.", "reason")
	m.confidence = m.counter("accord_search_confidence_total", "Searches by the confidence of their answer.", "confidence")
	m.serverCalls = m.counter("accord_model_server_requests_total", "Requests to model servers, by their outcome.", "server", "code")
	m.serverTime = m.histogram("accord_model_server_seconds", "Time of requests to model servers, in seconds.", longBuckets, "server")
	stages := map[string]*prometheus.HistogramVec{
		"search": m.histogram("accord_search_stage_seconds", "Time of each stage of a search, in seconds.", shortBuckets, "stage"),
		"ingest": m.histogram("accord_ingest_stage_seconds", "Time of each stage of a write, in seconds.", longBuckets, "stage"),
	}
	for _, s := range telemetry.Stages() {
		m.stages = append(m.stages, stages[s.Operation()].WithLabelValues(s.Name()))
	}
	for _, reason := range degradations {
		m.degraded.WithLabelValues(reason)
	}
	for _, confidence := range confidences {
		m.confidence.WithLabelValues(confidence)
	}
	m.registry.MustRegister(m.inFlight, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "accord_panics_total", Help: "Panics that became errors of the calls that caused them."},
			func() float64 { return float64(guard.Panics()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "accord_build_info", Help: "1, with the version of the server.", ConstLabels: prometheus.Labels{"version": version},
		}, func() float64 { return 1 }))
	return m
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(vec)
	return vec
}

func (m *Metrics) histogram(name, help string, buckets []float64, label string) *prometheus.HistogramVec {
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, []string{label})
	m.registry.MustRegister(vec)
	return vec
}

// Stage implements telemetry.Recorder.
func (m *Metrics) Stage(stage telemetry.Stage, took time.Duration) {
	m.stages[stage].Observe(took.Seconds())
}

// Call counts a call that ended. The set of methods must be bounded.
func (m *Metrics) Call(method, code string, took time.Duration) {
	m.requests.WithLabelValues(method, code).Inc()
	m.duration.WithLabelValues(method).Observe(took.Seconds())
}

// Lane makes the metrics of a lane appear before its first call.
func (m *Metrics) Lane(lane string, reasons ...string) {
	m.inFlight.WithLabelValues(lane)
	for _, reason := range reasons {
		m.shed.WithLabelValues(lane, reason)
	}
}

// InFlight sets the number of calls in progress in a lane.
func (m *Metrics) InFlight(lane string, n int) { m.inFlight.WithLabelValues(lane).Set(float64(n)) }

// Shed counts a call that a lane refused. The set of reasons must be bounded.
func (m *Metrics) Shed(lane, reason string) { m.shed.WithLabelValues(lane, reason).Inc() }

// Searched counts an answer with its confidence and the parts of the search that failed.
func (m *Metrics) Searched(confidence string, degraded []string) {
	m.confidence.WithLabelValues(confidence).Inc()
	for _, reason := range degraded {
		m.degraded.WithLabelValues(reason).Inc()
	}
}

// ModelServer returns a function that counts and traces the requests to a model server. It
// must be called before each request, and the function that it returns after the request.
func (m *Metrics) ModelServer(name string) func(context.Context) (context.Context, func(error)) {
	m.serverCalls.WithLabelValues(name, "ok")
	took := m.serverTime.WithLabelValues(name)
	return func(ctx context.Context) (context.Context, func(error)) {
		begun := time.Now()
		ctx, end := telemetry.StartRequest(ctx, "model_server."+name)
		return ctx, func(err error) {
			end(err)
			took.Observe(time.Since(begun).Seconds())
			m.serverCalls.WithLabelValues(name, outcome(err)).Inc()
		}
	}
}

// outcome returns "ok", an HTTP status, or another name for the outcome of a request.
func outcome(err error) string {
	var failure *driver.Error
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, driver.ErrMalformed):
		return "malformed"
	case errors.As(err, &failure) && failure.Status >= 100 && failure.Status <= 599:
		return strconv.Itoa(failure.Status)
	default:
		return "unreachable"
	}
}
