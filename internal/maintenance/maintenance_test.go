package maintenance

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/accord-search/accord/internal/space"
)

func TestOutgrown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name                        string
		calibrated, counts, written map[string]int
		want                        bool
	}{
		{"an empty corpus", nil, nil, nil, false},
		{"its first passage", nil, map[string]int{"en": 1}, nil, true},
		{"reference texts alone", map[string]int{"en": 0}, nil, nil, false},
		{"nothing changed", map[string]int{"en": 60, "zh": 0}, map[string]int{"en": 60}, nil, false},
		{"one more while small", map[string]int{"en": 60}, map[string]int{"en": 61}, nil, true},
		{"one less while small", map[string]int{"en": 200}, map[string]int{"en": 199}, nil, true},
		{"emptied", map[string]int{"en": 1}, nil, nil, true},
		{"a third more", map[string]int{"en": 300}, map[string]int{"en": 400}, nil, false},
		{"half more", map[string]int{"en": 300}, map[string]int{"en": 450}, nil, true},
		{"half gone", map[string]int{"en": 600}, map[string]int{"en": 300}, nil, true},
		{"a few in another language of a large corpus", map[string]int{"en": 9000}, map[string]int{"en": 9000, "zh": 99}, nil, false},
		{"many in another language of a large corpus", map[string]int{"en": 9000}, map[string]int{"en": 9000, "zh": 100}, nil, true},
		{"a large corpus grows a little", map[string]int{"en": 9000}, map[string]int{"en": 13_000}, nil, false},
		{"a large corpus grows", map[string]int{"en": 9000}, map[string]int{"en": 13_500}, nil, true},
		{"few replaced", map[string]int{"en": 60}, map[string]int{"en": 60}, map[string]int{"en": 5}, false},
		{"a tenth replaced while small", map[string]int{"en": 60}, map[string]int{"en": 60}, map[string]int{"en": 6}, true},
		{"a third replaced", map[string]int{"en": 300}, map[string]int{"en": 300}, map[string]int{"en": 100}, false},
		{"half replaced", map[string]int{"en": 300}, map[string]int{"en": 300}, map[string]int{"en": 150}, true},
		{"half replaced by fewer", map[string]int{"en": 300}, map[string]int{"en": 250}, map[string]int{"en": 100}, true},
		{"a large corpus with few of another language replaced", map[string]int{"en": 9000, "zh": 99}, map[string]int{"en": 9000, "zh": 99}, map[string]int{"zh": 99}, false},
		{"a large corpus a third replaced", map[string]int{"en": 9000}, map[string]int{"en": 9000}, map[string]int{"en": 3000}, false},
		{"a large corpus half replaced", map[string]int{"en": 9000}, map[string]int{"en": 9000}, map[string]int{"en": 4500}, true},
	} {
		if got := outgrown(tc.calibrated, tc.counts, tc.written); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestStaleIndex checks that if all documents of a corpus were rewritten, a new generation
// is built for its index, even if the corpus has not grown.
func TestStaleIndex(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 300}}
	k := start(t, f)
	for want, stale := range []bool{false, false, true} {
		f.mu.Lock()
		f.stale = stale
		f.mu.Unlock()
		if _, err := k.Settle(t.Context(), "c", 300); err != nil || f.generations() != max(1, want) {
			t.Errorf("stale %v: %d generations, error %v, want %d", stale, f.generations(), err, max(1, want))
		}
	}
}

// TestBuilderElsewhere checks that a keeper that found another server building a generation
// looks again, since that server may die.
func TestBuilderElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{counts: map[string]int{"en": 300}, elsewhere: 3}
		k := start(t, f)
		k.Changed("c")
		k.Changed("c")
		time.Sleep(time.Hour)
		synctest.Wait()
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.tries != 4 || f.built != 1 {
			t.Errorf("%d tries, %d generations; want 4 tries, the last of which builds one", f.tries, f.built)
		}
	})
}

// TestBackgroundWork checks that one round of maintenance handles several writes, and that
// a query in a new language causes the preparation of that language.
func TestBackgroundWork(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}}
	k := start(t, f)
	imported := k.Importing()
	for range 5 {
		k.Changed("c")
	}
	k.Asked(t.Context(), f.active(t), "es")
	wait(t, func() error { // preparation does not wait for imports
		if languages := f.active(t).Calibration.Languages; !slices.Equal(languages, []string{"es"}) {
			return fmt.Errorf("languages %v", languages)
		}
		return nil
	})
	if n := f.generations(); n != 0 {
		t.Errorf("%d generations were built during an import", n)
	}
	imported()
	wait(t, func() error {
		if languages := f.active(t).Calibration.Languages; f.generations() != 1 || !slices.Equal(languages, []string{"en", "es"}) {
			return fmt.Errorf("%d generations, languages %v", f.generations(), languages)
		}
		return nil
	})
}

// TestOtherSpaces checks that spaces that may be activated are calibrated too, and that a
// space that is being built is not.
func TestOtherSpaces(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}, others: []space.Space{
		{Collection: "c", ID: "building", State: space.Building}, {Collection: "c", ID: "retired", State: space.Retired},
	}}
	start(t, f).Changed("c")
	wait(t, func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if got := slices.Sorted(maps.Keys(f.calibrated)); !slices.Equal(got, []string{"retired", "s"}) {
			return fmt.Errorf("calibrated %v", got)
		}
		return nil
	})
}

// wait calls wrong repeatedly until it returns nil. The test fails if that takes minutes.
func wait(t *testing.T, wrong func() error) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		err := wrong()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
