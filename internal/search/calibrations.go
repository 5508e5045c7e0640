package search

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// CalibrationSource loads calibrations. See store.Store for the full contract.
type CalibrationSource interface {
	// Calibration returns the generation that searches of a space use.
	Calibration(ctx context.Context, sp space.Space) (calibrate.Calibration, error)
}

// calibrations caches the calibrations of the searched spaces in memory. Each takes some
// megabytes, and every query needs one.
type calibrations struct {
	source  CalibrationSource
	loading singleflight.Group

	mu     sync.Mutex
	loaded map[string]loadedCalibration // by tableKey
}

type loadedCalibration struct {
	generation, learned int
	calibration         calibrate.Calibration
}

// maxCalibrations limits memory on servers with many collections.
const maxCalibrations = 32

// get returns the calibration of a space. A generation never changes, except that languages
// are added to it.
func (c *calibrations) get(ctx context.Context, sp space.Space) (calibrate.Calibration, error) {
	key := tableKey(sp)
	c.mu.Lock()
	cached, ok := c.loaded[key]
	c.mu.Unlock()
	if ok && cached.generation == sp.Calibration.Generation && cached.learned == sp.Calibration.Learned {
		return cached.calibration, nil
	}
	// Servers with the same database may briefly use different generations.
	version := fmt.Sprintf("%s %d/%d", key, sp.Calibration.Generation, sp.Calibration.Learned)
	result := c.loading.DoChan(version, func() (loaded any, err error) {
		err = guard.Call(func() (err error) {
			loaded, err = c.source.Calibration(context.WithoutCancel(ctx), sp)
			return err
		})
		return loaded, err
	})
	select {
	case r := <-result:
		if r.Err != nil {
			return calibrate.Calibration{}, r.Err
		}
		calibration := r.Val.(calibrate.Calibration)
		c.put(key, calibration)
		return calibration, nil
	case <-ctx.Done():
		return calibrate.Calibration{}, ctx.Err()
	}
}

// tableKey identifies a space. A space that was deleted and created again has the same name
// and the same first generation, but another table.
func tableKey(sp space.Space) string { return sp.Name() + " " + sp.VectorTable }

// put caches a calibration, unless a newer one of the space is cached.
func (c *calibrations) put(key string, calibration calibrate.Calibration) {
	loaded := loadedCalibration{generation: calibration.Generation, learned: len(calibration.Languages), calibration: calibration}
	for _, l := range calibration.Languages {
		if l.Queries.Short != nil {
			loaded.learned++
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cached, ok := c.loaded[key]
	if ok && cmp.Or(cmp.Compare(cached.generation, loaded.generation), cmp.Compare(cached.learned, loaded.learned)) > 0 {
		return
	}
	if !ok && len(c.loaded) >= maxCalibrations {
		for other := range c.loaded { // any other calibration makes room
			delete(c.loaded, other)
			break
		}
	}
	c.loaded[key] = loaded
}
