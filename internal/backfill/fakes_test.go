package backfill_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// model is a model server that answers two texts per request. It implements Spaces for
// its spaces.
type model struct {
	mu       sync.Mutex
	embedded []string
	// answered is called for each request with the number of requests so far. If it returns
	// an error, the request fails with it.
	answered func(requests int64) error
	poison   string // a request that contains this text fails
	panics   bool   // whether poison makes the request panic instead
	requests atomic.Int64
}

// Served implements backfill.Spaces.
func (m *model) Served(_ context.Context, sp space.Space) (space.Space, error) {
	sp.WindowTokens = 100
	return sp, nil
}

// EmbedEach implements backfill.Embedder.
func (m *model) EmbedEach(_ context.Context, _ space.Space, texts []string, done func(int, []document.Embedding) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for start := 0; start < len(texts); start += 2 {
		batch := make([]document.Embedding, min(2, len(texts)-start))
		for i := range batch {
			if texts[start+i] == m.poison && m.panics {
				panic("odd text")
			}
			if texts[start+i] == m.poison {
				return errors.New("hangs")
			}
			m.embedded = append(m.embedded, texts[start+i])
			batch[i].Vector = []float32{0, 1}
			if texts[start+i] == "Bad." {
				batch[i] = document.Embedding{Failure: &document.Failure{Reason: document.FailureBadVector, Message: "NaN"}}
			}
		}
		requests := m.requests.Add(1)
		if m.answered != nil {
			if err := m.answered(requests); err != nil {
				return err
			}
		}
		if err := done(start, batch); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) texts() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(slices.Values(m.embedded))
}

// calibrator does nothing, or panics when it calibrates.
type calibrator struct{ panics bool }

// Prepare implements backfill.Calibrator.
func (calibrator) Prepare(context.Context, space.Space, string) error { return nil }

// Calibrate implements backfill.Calibrator.
func (c calibrator) Calibrate(context.Context, space.Space) error {
	if c.panics {
		panic("odd calibration")
	}
	return nil
}

// Changed implements backfill.QueueCalibrator.
func (calibrator) Changed(string) {}
