package search

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// calibrations caches in memory the calibrations of the spaces that are searched. Each
// takes some megabytes, and every query needs one.
type calibrations struct {
	load    func(ctx context.Context, sp space.Space) (calibrate.Calibration, error)
	loading singleflight.Group

	mu     sync.Mutex
	loaded map[string]loadedCalibration // by the space's name
}

type loadedCalibration struct {
	generation, learned int
	calibration         calibrate.Calibration
}

// maxCalibrations limits memory on servers with many collections.
const maxCalibrations = 32

// get returns the calibration of a space. A generation changes only by learning more
// languages.
func (c *calibrations) get(ctx context.Context, sp space.Space) (calibrate.Calibration, error) {
	name := sp.Name()
	c.mu.Lock()
	cached, ok := c.loaded[name]
	c.mu.Unlock()
	if ok && cached.generation == sp.Calibration.Generation && cached.learned == sp.Calibration.Learned {
		return cached.calibration, nil
	}
	// Servers of one database may use different generations for a moment.
	key := fmt.Sprint(name, sp.Calibration.Generation, "/", sp.Calibration.Learned)
	result := c.loading.DoChan(key, func() (loaded any, err error) {
		err = guard.Call(func() (err error) {
			loaded, err = c.load(context.WithoutCancel(ctx), sp)
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
		c.put(name, calibration)
		return calibration, nil
	case <-ctx.Done():
		return calibrate.Calibration{}, ctx.Err()
	}
}

func (c *calibrations) put(name string, calibration calibrate.Calibration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.loaded[name]; !ok && len(c.loaded) >= maxCalibrations {
		for other := range c.loaded { // evict an arbitrary one
			delete(c.loaded, other)
			break
		}
	}
	learned := len(calibration.Languages)
	for _, l := range calibration.Languages {
		if l.Queries.Short != nil {
			learned++
		}
	}
	c.loaded[name] = loadedCalibration{generation: calibration.Generation, learned: learned, calibration: calibration}
}
