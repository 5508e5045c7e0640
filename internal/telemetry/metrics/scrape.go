package metrics

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/guard"
)

const (
	// encodedAtOnce is the maximum number of answers that are encoded at the same time. So of
	// many scrapes, the first are soon answered.
	encodedAtOnce = 4
	// maxScrapes bounds the scrapes that wait for their turn, or whose answers their clients have
	// not read yet. An answer takes about 30 kB.
	maxScrapes = 1024
)

// scrapes answers the scrapes of a registry.
type scrapes struct {
	from   prometheus.Gatherer
	most   int64 // maxScrapes
	open   atomic.Int64
	flight singleflight.Group
	turns  chan struct{} // has a value for each answer that is being encoded
}

// Handler serves the metrics in the formats that Prometheus reads. Scrapes at the same time are
// all answered, so that the metrics can be seen when the server is busy.
func (m *Metrics) Handler() http.Handler { return newScrapes(m.registry, maxScrapes) }

func newScrapes(from prometheus.Gatherer, most int64) *scrapes {
	return &scrapes{from: from, most: most, turns: make(chan struct{}, encodedAtOnce)}
}

// ServeHTTP implements http.Handler.
func (s *scrapes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.open.Add(-1)
	if s.open.Add(1) > s.most {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many scrapes are not finished; try again", http.StatusServiceUnavailable)
		return
	}
	families, err := s.gather()
	select {
	case s.turns <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	s.encode(r, families, err).send(w)
}

// gather reads the metrics once for all scrapes that wait for them. So scrapes, which need no
// credential, cannot take the connections to the database from calls.
func (s *scrapes) gather() ([]*dto.MetricFamily, error) {
	read, err, _ := s.flight.Do("", func() (families any, err error) {
		panicked := guard.Call(func() error {
			families, err = s.from.Gather()
			return nil
		})
		return families, errors.Join(err, panicked)
	})
	families, _ := read.([]*dto.MetricFamily) // none after a panic
	return families, err
}

// encode makes an answer, and ends the turn.
func (s *scrapes) encode(r *http.Request, families []*dto.MetricFamily, err error) *answer {
	defer func() { <-s.turns }()
	made := &answer{header: http.Header{}, code: http.StatusOK}
	gathered := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, err })
	promhttp.HandlerFor(gathered, promhttp.HandlerOpts{}).ServeHTTP(made, r)
	return made
}

// answer is an answer in memory. It is sent after its turn, so that clients that read slowly do
// not make others wait.
type answer struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(code int) { a.code = code }

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body.Bytes()) // fails if the client is gone
}
