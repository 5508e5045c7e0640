package metrics

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/guard"
)

const (
	// scrapeLimit bounds the time for making an answer. Prometheus waits 10 s by default.
	scrapeLimit = 10 * time.Second
	// maxScrapes bounds the scrapes whose answers are being made, or are not read by their
	// clients yet. An answer takes about 30 kB.
	maxScrapes = 1024
)

// Handler serves the metrics in the formats that Prometheus reads. Scrapes at the same time are
// all answered, so that the metrics can be seen when the server is busy.
func (m *Metrics) Handler() http.Handler {
	made := promhttp.HandlerFor(&sharedGatherer{from: m.registry}, promhttp.HandlerOpts{Timeout: scrapeLimit})
	return bounded(made, maxScrapes)
}

// bounded refuses requests while the maximum number of others have not ended.
func bounded(next http.Handler, most int64) http.Handler {
	var open atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer open.Add(-1)
		if open.Add(1) > most {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many scrapes are not finished; try again", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sharedGatherer reads the metrics once for all scrapes at the same time. So scrapes, which need
// no credential, cannot take the connections to the database from calls.
type sharedGatherer struct {
	from   prometheus.Gatherer
	flight singleflight.Group
}

// Gather implements prometheus.Gatherer.
func (g *sharedGatherer) Gather() ([]*dto.MetricFamily, error) {
	read, err, _ := g.flight.Do("", func() (families any, err error) {
		panicked := guard.Call(func() error {
			families, err = g.from.Gather()
			return nil
		})
		return families, errors.Join(err, panicked)
	})
	families, _ := read.([]*dto.MetricFamily) // none after a panic
	return families, err
}
