package check

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// step is the time between two samples and between two evaluations, as in prometheus.yml.
const step = 15 * time.Second

// sample is a value of a series at a time in milliseconds.
type sample struct {
	at    int64
	value float64
}

// The following methods implement chunks.Sample.

func (s sample) T() int64                    { return s.at }
func (sample) ST() int64                     { return 0 }
func (s sample) F() float64                  { return s.value }
func (sample) H() *histogram.Histogram       { return nil }
func (sample) FH() *histogram.FloatHistogram { return nil }
func (sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample         { return s }

// memory is a storage of series in memory. Prometheus' own storage for tests needs versions of
// modules that conflict with those of the other checks.
type memory []oneSeries

type oneSeries struct {
	labels  labels.Labels
	samples []chunks.Sample
}

// load reads series in the notation of promtool's unit tests, one per line, with a sample every
// step.
func load(t *testing.T, text string) (m memory) {
	t.Helper()
	for line := range strings.Lines(text) {
		name, values, err := parser.ParseSeriesDesc(strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		one := oneSeries{labels: name}
		for i, value := range values {
			if !value.Omitted {
				one.samples = append(one.samples, sample{int64(i) * step.Milliseconds(), value.Value})
			}
		}
		m = append(m, one)
	}
	return m
}

// add adds a sample to a series.
func (m memory) add(name labels.Labels, value sample) memory {
	for i := range m {
		if labels.Equal(m[i].labels, name) {
			m[i].samples = append(m[i].samples, value)
			return m
		}
	}
	return append(m, oneSeries{name, []chunks.Sample{value}})
}

// Querier implements storage.Queryable.
func (m memory) Querier(int64, int64) (storage.Querier, error) {
	return &storage.MockQuerier{SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		found := &selected{SeriesSet: storage.EmptySeriesSet()}
		for _, one := range m {
			if matches(one.labels, matchers) {
				found.left = append(found.left, one)
			}
		}
		return found
	}}, nil
}

func matches(name labels.Labels, matchers []*labels.Matcher) bool {
	for _, matcher := range matchers {
		if !matcher.Matches(name.Get(matcher.Name)) {
			return false
		}
	}
	return true
}

// selected implements storage.SeriesSet.
type selected struct {
	storage.SeriesSet // an empty one, for errors and warnings
	current           oneSeries
	left              []oneSeries
}

func (s *selected) Next() bool {
	if len(s.left) == 0 {
		return false
	}
	s.current, s.left = s.left[0], s.left[1:]
	return true
}

func (s *selected) At() storage.Series {
	return storage.NewListSeries(s.current.labels, s.current.samples)
}

func newEngine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1_000_000, Timeout: time.Minute, NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
	})
}

// evaluate returns the labels of the results of a query at a time. It leaves out results that
// are not numbers (NaN).
func evaluate(t *testing.T, engine *promql.Engine, samples storage.Queryable, expr string, at time.Time) (found []string) {
	t.Helper()
	query, err := engine.NewInstantQuery(context.Background(), samples, nil, expr, at)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	defer query.Close()
	result, err := query.Exec(context.Background()).Vector()
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	for _, one := range result {
		if !math.IsNaN(one.F) {
			found = append(found, one.Metric.String())
		}
	}
	return found
}
