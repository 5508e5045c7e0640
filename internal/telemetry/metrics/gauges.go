package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/accord-search/accord/internal/guard"
)

// gatherLimit bounds the reading of one source.
const gatherLimit = 2 * time.Second

// Source reads the values of a gauge, by the value of its only label. It is called whenever
// Prometheus asks. If it fails, the gauge is left out of the answer.
type Source func(ctx context.Context) (map[string]float64, error)

// Sources are the sources of the gauges.
type Sources struct {
	// PoolConnections are by state: acquired, idle, max.
	PoolConnections Source
	// QueueDocuments are by state: PENDING, FAILED.
	QueueDocuments Source
	// Spaces are by state.
	Spaces Source
	// ServersFailing returns 1 for each model server that fails, and 0 for the others, by name.
	ServersFailing Source
}

// Watch adds gauges.
func (m *Metrics) Watch(s Sources) {
	m.registry.MustRegister(
		newGauge("accord_db_pool_connections", "Connections to the database, by state.", "state", s.PoolConnections),
		newGauge("accord_queue_documents", "Documents in the queue to embed, by state.", "state", s.QueueDocuments),
		newGauge("accord_spaces", "Embedding spaces, by state.", "state", s.Spaces),
		newGauge("accord_model_server_failing", "1 from a failure of a model server until it answers again.", "server", s.ServersFailing),
	)
}

// gauge is a collector of one gauge.
type gauge struct {
	about *prometheus.Desc
	read  Source
}

func newGauge(name, help, label string, read Source) gauge {
	return gauge{prometheus.NewDesc(name, help, []string{label}, nil), read}
}

// Describe implements prometheus.Collector.
func (g gauge) Describe(to chan<- *prometheus.Desc) { to <- g.about }

// Collect implements prometheus.Collector.
func (g gauge) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gatherLimit)
	defer cancel()
	var values map[string]float64
	err := guard.Call(func() (err error) {
		values, err = g.read(ctx)
		return err
	})
	if err != nil {
		return // the health checks log the failure
	}
	for value, number := range values {
		to <- prometheus.MustNewConstMetric(g.about, prometheus.GaugeValue, number, value)
	}
}
