package search

import (
	"context"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/space"
)

// sourceFunc is a CalibrationSource.
type sourceFunc func(context.Context, space.Space) (calibrate.Calibration, error)

// Calibration implements CalibrationSource.
func (f sourceFunc) Calibration(ctx context.Context, sp space.Space) (calibrate.Calibration, error) {
	return f(ctx, sp)
}

// versioned returns a space whose generation has learned the given number of languages.
func versioned(table string, generation, learned int) space.Space {
	return space.Space{
		Collection: "c", ID: "s", VectorTable: table,
		Calibration: space.Calibration{Generation: generation, Learned: learned},
	}
}

// loadVersion returns the calibration that versioned describes.
func loadVersion(_ context.Context, sp space.Space) (calibrate.Calibration, error) {
	c := calibrate.Calibration{Generation: sp.Calibration.Generation, Languages: map[string]calibrate.Language{}}
	for n := range sp.Calibration.Learned {
		c.Languages[string(rune('a'+n))] = calibrate.Language{}
	}
	return c, nil
}

// TestOldLoadsDoNotReplaceNewOnes checks that if loads end in the wrong order, the newest
// calibration stays in the cache, and that each caller gets the calibration of its own
// space.
func TestOldLoadsDoNotReplaceNewOnes(t *testing.T) {
	t.Parallel()
	old := []space.Space{versioned("t", 1, 2), versioned("t", 2, 1)}
	newest := versioned("t", 2, 2)
	var (
		hold  = make(chan struct{})
		begun sync.WaitGroup
		loads int
	)
	c := &calibrations{loaded: map[string]loadedCalibration{}}
	c.source = sourceFunc(func(ctx context.Context, sp space.Space) (calibrate.Calibration, error) {
		if sp.Calibration.Generation == 2 && sp.Calibration.Learned == 2 {
			loads++
		} else {
			begun.Done()
			<-hold
		}
		return loadVersion(ctx, sp)
	})
	begun.Add(len(old))
	var late sync.WaitGroup
	check := func(sp space.Space) {
		got, err := c.get(t.Context(), sp)
		if err != nil || got.Generation != sp.Calibration.Generation || len(got.Languages) != sp.Calibration.Learned {
			t.Errorf("generation %d with %d languages, error %v, want %+v", got.Generation, len(got.Languages), err, sp.Calibration)
		}
	}
	for _, sp := range old {
		late.Go(func() { check(sp) })
	}
	begun.Wait()
	check(newest)
	close(hold)
	late.Wait()
	check(newest)
	if loads != 1 {
		t.Errorf("the newest calibration was loaded %d times, so an older one replaced it", loads)
	}
}

// TestCalibrationOfANewSpace checks that a space that was deleted and created again does
// not get the calibration of its predecessor.
func TestCalibrationOfANewSpace(t *testing.T) {
	t.Parallel()
	var tables []string
	c := &calibrations{loaded: map[string]loadedCalibration{}}
	c.source = sourceFunc(func(ctx context.Context, sp space.Space) (calibrate.Calibration, error) {
		tables = append(tables, sp.VectorTable)
		return loadVersion(ctx, sp)
	})
	for _, table := range []string{"first", "second", "second"} {
		if _, err := c.get(t.Context(), versioned(table, 1, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if len(tables) != 2 {
		t.Errorf("calibrations of %v were loaded, want one of each space", tables)
	}
}
